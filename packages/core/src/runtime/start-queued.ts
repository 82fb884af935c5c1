import { type ExecutorCall, type ExecutorResult } from './executor-call.ts';
import { cutOff, invokeExecutor } from './invoke-executor.ts';
import { type RunCancellation } from './run-cancellation.ts';
import { abortOnFailure, type Slot } from './superstep-slot.ts';

/** Starts executors in order, a few at a time; what has not started when the run is aborted is skipped. */
export function startQueued(
  calls: readonly ExecutorCall[],
  concurrency: number,
  cancellation: RunCancellation,
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
      abortOnFailure(result, cancellation);
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
