import { type Clock } from '../primitives/clock.ts';
import { type ExecutorCall, type ExecutorResult } from './executor-call.ts';
import { invokeExecutor } from './invoke-executor.ts';
import { type RunCancellation } from './run-cancellation.ts';
import { abortOnFailure, type Slot } from './superstep-slot.ts';

/** How the executors of a superstep are run. */
export interface SuperstepOptions {
  readonly cancellation: RunCancellation;
  /** How many executors run at once; unbounded without it. */
  readonly maxConcurrency: number | undefined;
  /** How long handlers may take to end after the run was aborted, in milliseconds. */
  readonly graceMs: number;
  readonly clock: Clock;
  /** Hears of an executor that has ended while others have not. */
  readonly onPartFinished?: ((result: ExecutorResult) => void) | undefined;
}

/**
 * Runs the executors of one superstep beside each other and gathers their results in the order of the calls.
 *
 * Without `maxConcurrency` all of them start, whatever the first ones do; then the first failure aborts the run's
 * signal. Handlers that ignore it are left behind after the grace time. Returns at once where no handler waits.
 */
export function runSuperstep(
  calls: readonly ExecutorCall[],
  options: SuperstepOptions,
): readonly ExecutorResult[] | Promise<readonly ExecutorResult[]> {
  const { maxConcurrency, cancellation } = options;
  if (maxConcurrency !== undefined) return runQueued(calls, maxConcurrency, options);
  const slots = calls.map(startNow);
  for (const { result } of slots)
    if (!(result instanceof Promise)) abortOnFailure(result, cancellation);
  if (slots.every(hasResult)) return slots.map(({ result }) => result);
  return settle(slots, options);
}

function hasResult(slot: Slot): slot is Slot & { result: ExecutorResult } {
  return !(slot.result instanceof Promise);
}

function startNow(call: ExecutorCall): Slot {
  const { result, abandon } = invokeExecutor(call);
  return { result, abandon };
}

/** Starts executors a few at a time; few programs limit how many, so that what does it is loaded when needed. */
async function runQueued(
  calls: readonly ExecutorCall[],
  maxConcurrency: number,
  options: SuperstepOptions,
): Promise<readonly ExecutorResult[]> {
  const { startQueued } = await import('./start-queued.ts');
  return settle(startQueued(calls, maxConcurrency, options.cancellation), options);
}

function settle(
  slots: readonly Slot[],
  options: SuperstepOptions,
): Promise<readonly ExecutorResult[]> {
  let waiting = 0;
  for (const slot of slots) {
    if (hasResult(slot)) options.onPartFinished?.(slot.result);
    else waiting += 1;
  }
  const results = slots.map((slot) => {
    const running = slot.result;
    if (!(running instanceof Promise)) return Promise.resolve(running);
    return running.then((result) => {
      slot.result = result;
      waiting -= 1;
      abortOnFailure(result, options.cancellation);
      // The last one is told by the checkpoint that follows.
      if (waiting > 0) options.onPartFinished?.(result);
      return result;
    });
  });
  const leaveBehind = (): ExecutorResult[] =>
    slots.map(({ result, abandon }) => (result instanceof Promise ? abandon() : result));
  return withGrace(Promise.all(results), leaveBehind, options);
}

/**
 * Waits for work, but after an abort only for the grace time; then takes what `leaveBehind` gives.
 *
 * No listener and no timer is left when it resolves.
 */
export function withGrace<T>(
  work: Promise<T>,
  leaveBehind: () => T,
  { cancellation, graceMs, clock }: Omit<SuperstepOptions, 'maxConcurrency' | 'onPartFinished'>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let cancelTimer: (() => void) | undefined;
    const stopListening = cancellation.onAbort(() => {
      cancelTimer = clock.schedule(() => {
        stopListening();
        try {
          resolve(leaveBehind());
        } catch (error) {
          reject(error);
        }
      }, graceMs);
    });
    const clear = (): void => {
      stopListening();
      cancelTimer?.();
    };
    work.then(
      (value) => {
        clear();
        resolve(value);
      },
      (error: unknown) => {
        clear();
        reject(error);
      },
    );
  });
}
