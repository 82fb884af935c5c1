import { type CheckpointStore } from '../checkpoint/checkpoint-store.ts';
import { ChainWriter, type StateDraft } from '../checkpoint/state-chain.ts';
import { CHECKPOINT_VERSION, type WorkflowCheckpoint } from '../checkpoint/workflow-checkpoint.ts';
import {
  CheckpointConflictError,
  CheckpointEncodeError,
  CheckpointNotFoundError,
  CheckpointStoreError,
} from '../errors/checkpoint-errors.ts';
import { toErrorDetails } from '../events/error-details.ts';
import { type RunState } from '../events/run-state.ts';
import { shapeOf } from '../graph/graph-signature.ts';
import { type StepJournal } from '../graph/step-journal.ts';
import { type Clock } from '../primitives/clock.ts';
import { type IdSource } from '../primitives/ids.ts';
import { type AcceptedAnswer, validateAnswer } from '../requests/answers.ts';
import { type ExecutorResult } from './executor-call.ts';
import { type InstanceSnapshot } from './instance-snapshot.ts';
import { type RunRecord } from './run-record.ts';
import { type RunnerContext } from './runner-context.ts';
import { partToValue } from './saved-result.ts';
import { snapshotToJson } from './snapshot-to-json.ts';
import { type FinishedSteps, stepKey, stepScope } from './step-results.ts';
import { saveExecutor, takeSnapshot } from './take-snapshot.ts';

/** What a run does when a checkpoint cannot be saved. */
export type CheckpointFailurePolicy =
  /** It fails. */
  | 'fail'
  /** It goes on; a crash then loses what came after the last checkpoint that could be saved. */
  | 'warn';

/** Where and how a run's checkpoints are saved. */
export interface RunCheckpointsOptions {
  readonly store: CheckpointStore;
  readonly policy: CheckpointFailurePolicy;
  readonly context: RunnerContext;
  readonly record: RunRecord;
  readonly clock: Clock;
  readonly ids: IdSource;
}

/** A checkpoint on its way to the store. */
interface CheckpointDraft {
  readonly writer: ChainWriter;
  readonly written: StateDraft;
  readonly checkpoint: WorkflowCheckpoint;
}

/**
 * Saves what a run comes to, between supersteps and within them.
 *
 * Invariants:
 * - K1: the thread's line moves on only when the store has saved.
 * - K2: every attempt is told: `checkpoint_created` or `checkpoint_failed`.
 * - K3: a conflict always fails the run, since two processes would otherwise go on with one conversation.
 */
export class RunCheckpoints {
  readonly #options: RunCheckpointsOptions;
  #parts: Promise<void>[] = [];

  constructor(options: RunCheckpointsOptions) {
    this.#options = options;
  }

  /** The last checkpoint of the thread in this store. */
  get lastId(): string | undefined {
    return this.#lineage.parentId ?? undefined;
  }

  /**
   * Saves the boundary that the instance stands at.
   *
   * @throws {CheckpointConflictError} K3.
   * @throws {CheckpointStoreError} or `CheckpointEncodeError` where the policy is `fail`.
   */
  async save(runState: RunState): Promise<void> {
    const { store, context, record } = this.#options;
    try {
      if (this.#parts.length > 0) await this.#settleParts();
      const taking = takeSnapshot(context, record);
      const snapshot = taking instanceof Promise ? await taking : taking;
      const { writer = new ChainWriter(), expectedParent } = this.#lineage;
      let draft = this.#draft(writer, snapshot, runState);
      try {
        await store.save(draft.checkpoint, { expectedParent });
      } catch (error) {
        if (!CheckpointNotFoundError.isInstance(error))
          throw storeFailure('save a checkpoint', error);
        // What the state builds on was deleted meanwhile; a whole state builds on nothing.
        draft = this.#draft(new ChainWriter(), snapshot, runState);
        await storing('save a checkpoint', store.save(draft.checkpoint, { expectedParent }));
      }
      // K1
      draft.written.commit();
      context.lineage.advance(store, draft.checkpoint.id, draft.writer);
      record.emit({ type: 'checkpoint_created', checkpointId: draft.checkpoint.id });
    } catch (error) {
      this.#tell(error);
    }
  }

  #draft(writer: ChainWriter, snapshot: InstanceSnapshot, runState: RunState): CheckpointDraft {
    const written = writer.write(snapshot, snapshotToJson);
    return { writer, written, checkpoint: this.#checkpointOf(written.stored, runState) };
  }

  /** Begins to save one executor's finished part of the superstep that others still work on. */
  savePart(result: ExecutorResult): void {
    const { store, context } = this.#options;
    const { parentId, writer } = this.#lineage;
    const executor = context.executors.get(result.executorId);
    if (result.failure !== undefined || parentId === null || executor === undefined) return;
    const saving = async (): Promise<void> => {
      const state = await saveExecutor(executor);
      const part = { step: context.boundary.step + 1, result, state };
      const saved = { key: result.executorId, result: writer.writeAside(partToValue(part)) };
      const scope = { checkpointId: parentId, branchId: context.lineage.branchId };
      await storing('save a result', store.saveResult(scope, saved));
    };
    this.#parts.push(saving());
  }

  /** Where the steps of one message's handler are kept until the superstep has ended. */
  journalFor(executorId: string, position: number, finished: FinishedSteps): StepJournal {
    const scope = stepScope(executorId, position);
    return {
      ids: [...finished.keys()]
        .filter((key) => key.startsWith(scope))
        .map((key) => key.slice(scope.length)),
      find: (id) => finished.get(stepKey(executorId, position, id)),
      save: (id, value) => this.#saveStep(stepKey(executorId, position, id), value),
    };
  }

  async #saveStep(key: string, value: unknown): Promise<void> {
    const { store, context } = this.#options;
    const { parentId, writer } = this.#lineage;
    // Where the checkpoint before could not be saved there is nothing that a step could be kept for.
    if (parentId === null) return;
    try {
      const result = writer.writeAside({ step: context.boundary.step + 1, value });
      const scope = { checkpointId: parentId, branchId: context.lineage.branchId };
      await storing('save a result', store.saveResult(scope, { key, result }));
    } catch (error) {
      this.#tell(error);
    }
  }

  /** The answers that lie ready for requests that wait; tells of those that do not fit, and leaves them. */
  async readyAnswers(): Promise<readonly AcceptedAnswer[]> {
    const { store, context, record } = this.#options;
    const { boundary, executors, threadId } = context;
    const accepted: AcceptedAnswer[] = [];
    for (const { requestId, answer } of await storing('read answers', store.answers(threadId))) {
      const request = boundary.pending.get(requestId);
      if (request === undefined || boundary.answered.has(requestId)) continue;
      const result = validateAnswer(request, executors, answer);
      if ('answer' in result) accepted.push({ request, answer: result.answer });
      else
        record.emit({
          type: 'warning',
          code: 'saved-answer-invalid',
          message: `A saved answer does not fit its request and was left: ${result.problem}.`,
        });
    }
    return accepted;
  }

  /** Waits for what `savePart` began, whatever it came to; a run that ends leaves nothing at work. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#parts);
    this.#parts = [];
  }

  get #lineage(): ReturnType<RunnerContext['lineage']['in']> {
    return this.#options.context.lineage.in(this.#options.store);
  }

  async #settleParts(): Promise<void> {
    const parts = this.#parts;
    this.#parts = [];
    const failed = (await Promise.allSettled(parts)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  #checkpointOf(
    { isWhole, state }: { readonly isWhole: boolean; readonly state: WorkflowCheckpoint['state'] },
    runState: RunState,
  ): WorkflowCheckpoint {
    const { context, record, clock, ids } = this.#options;
    const { parentId } = this.#lineage;
    return {
      id: ids('checkpoint'),
      parentId,
      threadId: context.threadId,
      branchId: context.lineage.branchId,
      runId: record.runId,
      workflowName: context.graph.name,
      graphSignature: shapeOf(context.graph).signature,
      superstep: context.boundary.superstep,
      runState,
      createdAt: clock.now(),
      version: CHECKPOINT_VERSION,
      baseId: isWhole ? null : parentId,
      state,
    };
  }

  /** K2, K3 */
  #tell(error: unknown): void {
    const { record, policy } = this.#options;
    record.emit({ type: 'checkpoint_failed', error: toErrorDetails(error) });
    if (policy === 'fail' || CheckpointConflictError.isInstance(error)) throw error;
  }
}

async function storing<T>(operation: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw storeFailure(operation, error);
  }
}

/** Passes on the errors that say what is wrong; any other is the store's own. */
function storeFailure(operation: string, error: unknown): unknown {
  const isTyped =
    CheckpointConflictError.isInstance(error) ||
    CheckpointEncodeError.isInstance(error) ||
    CheckpointNotFoundError.isInstance(error) ||
    CheckpointStoreError.isInstance(error);
  return isTyped ? error : new CheckpointStoreError(operation, error);
}
