import { type Clock } from '../primitives/clock.ts';
import { type ExecutorCall, type ExecutorResult } from './executor-call.ts';
import { cutOff, invokeExecutor } from './invoke-executor.ts';
import { type RunCancellation } from './run-cancellation.ts';

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

/** One executor's place in the superstep. */
interface Slot {
  result: ExecutorResult | Promise<ExecutorResult>;
  abandon: () => ExecutorResult;
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
  const slots =
    options.maxConcurrency === undefined
      ? calls.map(startNow)
      : startQueued(calls, options.maxConcurrency, options);
  for (const { result } of slots) if (!(result instanceof Promise)) abortOnFailure(result, options);
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

/** Starts executors in order, a few at a time; what has not started when the run is aborted is skipped. */
function startQueued(
  calls: readonly ExecutorCall[],
  concurrency: number,
  options: SuperstepOptions,
): Slot[] {
  const queued = calls.map((call) => {
    const { promise, resolve } = Promise.withResolvers<ExecutorResult>();
    const slot: Slot = { result: promise, abandon: () => skipped(call) };
    return { call, slot, resolve };
  });
  const rest = queued.values();
  // Each worker takes the next executor once its last one has ended.
  const work = async (): Promise<void> => {
    for (const { call, slot, resolve } of rest) {
      if (call.signal.aborted) {
        resolve(skipped(call));
        continue;
      }
      const running = invokeExecutor(call);
      slot.abandon = running.abandon;
      const result = await running.result;
      // Before the next one starts, which a failure skips.
      abortOnFailure(result, options);
      resolve(result);
    }
  };
  for (let worker = 0; worker < Math.min(concurrency, calls.length); worker += 1) void work();
  return queued.map(({ slot }) => slot);
}

function skipped(call: ExecutorCall): ExecutorResult {
  return {
    executorId: call.executor.id,
    messages: [],
    yields: [],
    sharedWrites: [],
    requests: [],
    usage: undefined,
    stopReason: undefined,
    failure: cutOff(call.signal),
  };
}

function abortOnFailure(
  { executorId, failure }: ExecutorResult,
  { cancellation }: SuperstepOptions,
): void {
  if (failure === undefined) return;
  cancellation.abort('failed', new DOMException(`Executor "${executorId}" failed.`, 'AbortError'));
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
      abortOnFailure(result, options);
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
