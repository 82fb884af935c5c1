import { type CheckpointStore } from '../checkpoint/checkpoint-store.ts';
import {
  WorkflowBusyError,
  WorkflowNeedsResetError,
  WorkflowResetError,
} from '../errors/workflow-errors.ts';
import { toErrorDetails } from '../events/error-details.ts';
import { type RunState } from '../events/run-state.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { type WorkflowGraph } from '../graph/workflow-graph.ts';
import { type IdSource } from '../primitives/ids.ts';
import { type Logger } from '../primitives/logger.ts';
import type { CheckpointFailurePolicy, RunCheckpoints } from './run-checkpoints.ts';
import { RunLoop, type RunLoopOptions } from './run-loop.ts';
import { type RunRecord } from './run-record.ts';
import { type Begun, NOTHING_FINISHED, type ResumeStart, type RunStart } from './run-start.ts';
import { RunnerContext } from './runner-context.ts';

/** How an instance runs. */
export interface RunnerOptions extends RunLoopOptions {
  readonly logger: Logger;
  readonly ids: IdSource;
  /** Where checkpoints are saved, unless a run says otherwise. */
  readonly checkpoints: CheckpointStore | undefined;
  readonly onCheckpointFailure: CheckpointFailurePolicy;
}

/** Where an instance stood when a run of it came to rest. */
export interface RunEnd {
  readonly state: RunState;
  readonly threadId: string;
  readonly checkpointId: string | undefined;
  readonly pendingRequests: readonly PendingRequest[];
}

/** The right to run, or to be reset; only who holds it can give it back. */
export type Reservation = object;

type Lifecycle = 'idle' | 'reserved' | 'running';

const NO_REMINDERS: readonly PendingRequest[] = [];

/**
 * Runs an instance from an input, from answers or from a checkpoint, and resets it.
 *
 * Owns an instance's lifecycle and, through its `RunnerContext`, the instance's state.
 *
 * Invariants:
 * - R1: at most one reservation exists; it is taken before any await and released by its holder only.
 * - R2: a run that ends, in whatever way, leaves no message waiting and the instance released.
 * - R3: after a failed reset nothing runs until a reset succeeds.
 * - R4: a run that cannot begin, because of its checkpoint or its answers, changes nothing.
 */
export class Runner {
  readonly #graph: WorkflowGraph;
  readonly #options: RunnerOptions;
  readonly #context: RunnerContext;
  #lifecycle: Lifecycle = 'idle';
  #holder: Reservation | undefined;
  #lastReset: Promise<void> | undefined;
  #failedReset: WorkflowResetError | undefined;

  /** @param threadId - Of the first conversation; made up without it. */
  constructor(graph: WorkflowGraph, options: RunnerOptions, threadId: string | undefined) {
    this.#graph = graph;
    this.#options = options;
    this.#context = new RunnerContext(graph, threadId, options.ids);
  }

  get context(): RunnerContext {
    return this.#context;
  }

  /**
   * R1: takes the instance for one run.
   *
   * @throws {WorkflowBusyError} while it is taken or being reset.
   * @throws {WorkflowNeedsResetError} after a failed reset.
   */
  reserve(): Reservation {
    this.#assertFree('start a run');
    if (this.#lastReset !== undefined) {
      throw new WorkflowBusyError(this.#graph.name, 'start a run', 'it is being reset');
    }
    if (this.#failedReset !== undefined) {
      throw new WorkflowNeedsResetError(this.#graph.name, this.#failedReset);
    }
    this.#lifecycle = 'reserved';
    this.#holder = {};
    return this.#holder;
  }

  /** R1: gives the instance back; without effect unless the reservation is the present one. */
  release(reservation: Reservation): void {
    if (this.#holder !== reservation) return;
    this.#holder = undefined;
    this.#lifecycle = 'idle';
  }

  /**
   * Runs to the end and releases the reservation.
   *
   * Resolves when the instance is at rest, with where it then stood; rejects with what ended the run.
   *
   * @param store - Where this run's checkpoints are saved; default: the workflow's.
   */
  async run(
    reservation: Reservation,
    record: RunRecord,
    start: RunStart,
    store: CheckpointStore | undefined = this.#options.checkpoints,
  ): Promise<RunEnd> {
    this.#lifecycle = 'running';
    try {
      const beginning = this.#begin(start, record);
      const begun = beginning instanceof Promise ? await beginning : beginning;
      return await this.#runFrom(begun, record, store);
    } finally {
      this.release(reservation);
      record.end();
    }
  }

  /**
   * Returns the instance to the state of a new one.
   *
   * Resets called at once are done one after another. Rejects, with nothing changed, while a run is active.
   *
   * @throws {WorkflowBusyError} while a run is active.
   * @throws {WorkflowResetError} when hooks fail; R3.
   */
  async resetForNewRun(): Promise<void> {
    this.#assertFree('be reset');
    const earlier = this.#lastReset;
    const reset = this.#resetAfter(earlier);
    this.#lastReset = reset;
    try {
      await reset;
    } finally {
      if (this.#lastReset === reset) this.#lastReset = undefined;
    }
  }

  async #resetAfter(earlier: Promise<void> | undefined): Promise<void> {
    // Each caller hears of its own reset; the one before has its own listener.
    await earlier?.catch(() => {});
    const failures = await this.#context.resetForNewRun(this.#options.logger);
    if (failures.length === 0) {
      this.#failedReset = undefined;
      return;
    }
    this.#failedReset = new WorkflowResetError(this.#graph.name, failures);
    throw this.#failedReset;
  }

  #assertFree(attempt: string): void {
    if (this.#lifecycle === 'idle') return;
    throw new WorkflowBusyError(this.#graph.name, attempt, 'a run is active');
  }

  /** R4: brings the instance to where the run begins; whatever can be refused is refused before anything changes. */
  #begin(start: RunStart, record: RunRecord): Begun | Promise<Begun> {
    switch (start.kind) {
      case 'input':
        this.#context.begin(start.input);
        return { ...NOTHING_FINISHED, isSaved: false, reminders: NO_REMINDERS };
      case 'answers':
        if (start.accepted.length > 0) this.#context.queueAnswers(start.accepted);
        return {
          ...NOTHING_FINISHED,
          isSaved: start.accepted.length === 0,
          reminders: NO_REMINDERS,
        };
      case 'resume':
        return this.#resume(start, record);
    }
  }

  /** Loads what reads checkpoints and answers: a program that is never interrupted need not carry it. */
  async #resume(start: ResumeStart, record: RunRecord): Promise<Begun> {
    const { resumeRun } = await import('./resume-run.ts');
    return resumeRun(this.#context, start, { record, ids: this.#options.ids });
  }

  async #runFrom(
    { reminders, ...begun }: Begun,
    record: RunRecord,
    store: CheckpointStore | undefined,
  ): Promise<RunEnd> {
    const context = this.#context;
    try {
      const checkpoints = store && (await this.#checkpointsIn(store, record));
      record.emit({ type: 'started' });
      this.#changeStatus(record, 'in_progress');
      for (const request of reminders) record.announce(request);
      await new RunLoop(this.#options, { context, record, checkpoints, ...begun }).run();
      record.stopReason ??= { code: 'completed' };
      const pendingRequests = [...context.boundary.pending.values()];
      this.#changeStatus(
        record,
        pendingRequests.length > 0 ? 'idle_with_pending_requests' : 'idle',
      );
      const { status: state, threadId } = context;
      return { state, threadId, checkpointId: checkpoints?.lastId, pendingRequests };
    } catch (error) {
      throw this.#stop(record, error);
    }
  }

  /** Loaded when needed, as what reads checkpoints. */
  async #checkpointsIn(store: CheckpointStore, record: RunRecord): Promise<RunCheckpoints> {
    const { RunCheckpoints } = await import('./run-checkpoints.ts');
    const { onCheckpointFailure: policy, clock, ids } = this.#options;
    const context = this.#context;
    return new RunCheckpoints({ store, policy, context, record, clock, ids });
  }

  /** R2: ends a run that cannot go on; returns what its caller is told. */
  #stop(record: RunRecord, error: unknown): unknown {
    this.#context.discardMessages();
    if (record.cancellation.cause === 'cancelled') {
      this.#changeStatus(record, 'cancelled');
      return record.cancellation.signal.reason;
    }
    record.emit({ type: 'failed', error: toErrorDetails(error) });
    this.#changeStatus(record, 'failed');
    return error;
  }

  #changeStatus(record: RunRecord, state: RunState): void {
    this.#context.status = state;
    record.emit({ type: 'status', state });
  }
}
