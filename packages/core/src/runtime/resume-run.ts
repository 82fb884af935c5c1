import { ConfigurationError } from '../errors/configuration-error.ts';
import { describeValue } from '../primitives/json.ts';
import { type IdSource } from '../primitives/ids.ts';
import { type AcceptedAnswer, acceptAnswers } from '../requests/answers.ts';
import { boundaryOf } from './instance-snapshot.ts';
import { type CheckpointChoice, loadCheckpoint } from './restore.ts';
import { restoreInstance } from './restore-instance.ts';
import { type RunProgress, type RunRecord } from './run-record.ts';
import { type Begun, NOTHING_FINISHED, type ResumeStart } from './run-start.ts';
import { type RunnerContext } from './runner-context.ts';

/** What a run that goes on needs beside its instance. */
export interface ResumeRunOptions {
  readonly record: RunRecord;
  /** Names the branch that begins at an older checkpoint. */
  readonly ids: IdSource;
}

/**
 * Brings an instance to where a run goes on, and puts answers before it, if there are any.
 *
 * Rejects, with nothing changed, with a `ConfigurationError` for a mixture of options that means nothing, as
 * `acceptAnswers` throws, and as `loadCheckpoint` rejects.
 */
export async function resumeRun(
  context: RunnerContext,
  start: ResumeStart,
  options: ResumeRunOptions,
): Promise<Begun> {
  const choice = choiceOf(context, start);
  const { responses } = start;
  if (choice !== undefined) return resumeCheckpoint(context, { choice, responses }, options);
  if (responses !== undefined)
    context.queueAnswers(acceptAnswers(context.boundary, context.executors, responses));
  return { ...NOTHING_FINISHED, isSaved: responses === undefined, reminders: [] };
}

/**
 * Which checkpoint is gone on from; `undefined` for where the instance stands.
 *
 * An interrupted run is gone on with from its last checkpoint: its messages are there and nowhere else.
 */
function choiceOf(
  { status, lineage }: RunnerContext,
  { store, checkpointId, threadId, migrate }: ResumeStart,
): CheckpointChoice | undefined {
  assertNamed({ checkpointId, threadId });
  if (checkpointId !== undefined || threadId !== undefined) {
    if (store !== undefined) return { store, checkpointId, threadId, migrate };
    throw invalid('a workflow with a checkpoint store, got one without: pass checkpoints');
  }
  if (store === undefined || (status !== 'failed' && status !== 'cancelled')) return undefined;
  const last = lineage.in(store).parentId;
  return last === null ? undefined : { store, checkpointId: last, migrate };
}

function assertNamed(given: Pick<ResumeStart, 'checkpointId' | 'threadId'>): void {
  for (const [name, id] of Object.entries(given)) {
    if (id === undefined || (typeof id === 'string' && id !== '')) continue;
    throw invalid(`${name} to be a non-empty string, got ${describeValue(id)}`);
  }
  if (given.checkpointId !== undefined && given.threadId !== undefined)
    throw invalid('checkpointId or threadId, got both');
}

function invalid(expected: string): ConfigurationError {
  return new ConfigurationError(`Expected ${expected}.`, { code: 'resume/invalid-options' });
}

async function resumeCheckpoint(
  context: RunnerContext,
  { choice, responses }: { readonly choice: CheckpointChoice; readonly responses: unknown },
  { record, ids }: ResumeRunOptions,
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
