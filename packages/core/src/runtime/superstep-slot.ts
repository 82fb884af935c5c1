import { type ExecutorResult } from './executor-call.ts';
import { type RunCancellation } from './run-cancellation.ts';

/** One executor's place in the superstep. */
export interface Slot {
  result: ExecutorResult | Promise<ExecutorResult>;
  abandon: () => ExecutorResult;
}

/** Aborts the run when an executor has failed, so that its siblings end. */
export function abortOnFailure(
  { executorId, failure }: ExecutorResult,
  cancellation: RunCancellation,
): void {
  if (failure === undefined) return;
  cancellation.abort('failed', new DOMException(`Executor "${executorId}" failed.`, 'AbortError'));
}
