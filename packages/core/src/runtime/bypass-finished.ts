import { type ExecutorResult } from './executor-call.ts';
import { type RunRecord } from './run-record.ts';
import { type RunnerContext } from './runner-context.ts';
import { type FinishedPart } from './saved-result.ts';
import { type SuperstepPlan } from './superstep-plan.ts';

/** Whose superstep it is. */
export interface BypassOptions {
  readonly context: RunnerContext;
  readonly record: RunRecord;
}

/**
 * What had finished of a planned superstep before a crash.
 *
 * It is told as its executors would have, and they get the state that they had after it.
 */
export async function bypassFinished(
  { batches }: SuperstepPlan,
  finished: ReadonlyMap<string, FinishedPart>,
  { context, record }: BypassOptions,
): Promise<readonly ExecutorResult[]> {
  const results: ExecutorResult[] = [];
  for (const { executorId } of batches) {
    const part = finished.get(executorId);
    if (part === undefined) continue;
    if (part.state !== undefined)
      await context.executors.get(executorId)?.onCheckpointRestore(part.state);
    tellBypassed(part.result, record);
    results.push(part.result);
  }
  return results;
}

function tellBypassed(
  { executorId, messages, yields, requests }: ExecutorResult,
  record: RunRecord,
): void {
  for (const request of requests) record.announce(request);
  for (const { data } of yields) record.tellYield(executorId, data);
  const data = [...messages.map(({ message }) => message), ...yields.map((each) => each.data)];
  record.emit({ type: 'executor_bypassed', executorId, data });
}
