import { type IdSource } from '../primitives/ids.ts';
import { type AcceptedAnswer, acceptAnswers } from '../requests/answers.ts';
import { boundaryOf } from './instance-snapshot.ts';
import { loadCheckpoint } from './restore.ts';
import { restoreInstance } from './restore-instance.ts';
import { type RunProgress, type RunRecord } from './run-record.ts';
import {
  type Begun,
  type CheckpointStart,
  NOTHING_FINISHED,
  type ResponsesStart,
} from './run-start.ts';
import { type RunnerContext } from './runner-context.ts';

/**
 * Puts answers before an instance, as it stands.
 *
 * @throws {UnknownRequestError}, `StaleRequestError` or `InvalidResponseError`, with nothing changed.
 */
export function takeResponses(context: RunnerContext, { responses }: ResponsesStart): Begun {
  context.queueAnswers(acceptAnswers(context.boundary, context.executors, responses));
  return { ...NOTHING_FINISHED, isSaved: false, reminders: [] };
}

/**
 * Brings an instance to where a checkpoint was taken, and puts answers before it, if there are any.
 *
 * Rejects, with nothing changed, as `loadCheckpoint` does, and as `takeResponses` throws.
 */
export async function resumeCheckpoint(
  context: RunnerContext,
  { choice, responses }: CheckpointStart,
  { record, ids }: { readonly record: RunRecord; readonly ids: IdSource },
): Promise<Begun> {
  const loaded = await loadCheckpoint(context.graph, { ...choice, ids });
  const { snapshot, lineage, parts, steps } = loaded;
  const { cancellation } = record;
  if (cancellation.cause === 'cancelled') throw cancellation.signal.reason;
  const log = boundaryOf(snapshot);
  let accepted: readonly AcceptedAnswer[] = [];
  await restoreInstance(context, {
    snapshot,
    lineage,
    inspect: (executors) => {
      if (responses !== undefined) accepted = acceptAnswers(log, executors, responses);
    },
  });
  if (accepted.length === 0) takeOver(record, snapshot.progress);
  else context.queueAnswers(accepted);
  return {
    finished: parts,
    steps,
    isSaved: accepted.length === 0,
    reminders: [...context.boundary.pending.values()],
  };
}

/** Goes on with the outputs of a run that was interrupted. */
function takeOver(record: RunRecord, progress: RunProgress): void {
  record.outputs.push(...progress.outputs);
  record.intermediates.push(...progress.intermediates);
  record.usage = progress.usage;
  record.stopReason = progress.stopReason;
}
