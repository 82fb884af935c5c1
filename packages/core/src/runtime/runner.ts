import {
  ExecutorError,
  WorkflowBusyError,
  WorkflowConvergenceError,
  WorkflowNeedsResetError,
  WorkflowResetError,
} from '../errors/workflow-errors.ts';
import { toErrorDetails } from '../events/error-details.ts';
import { type RunState } from '../events/run-state.ts';
import { type WorkflowGraph } from '../graph/workflow-graph.ts';
import { type Clock } from '../primitives/clock.ts';
import { type Logger } from '../primitives/logger.ts';
import { applySuperstep, inDeclaredOrder } from './apply-superstep.ts';
import { type ExecutorCall, type ExecutorResult } from './executor-call.ts';
import { planSuperstep } from './plan-superstep.ts';
import { type RunRecord } from './run-record.ts';
import { runSuperstep, withGrace } from './run-superstep.ts';
import { RunnerContext } from './runner-context.ts';
import { type SuperstepPlan } from './superstep-plan.ts';

/** How an instance runs. */
export interface RunnerOptions {
  readonly maxSupersteps: number;
  readonly maxConcurrency: number | undefined;
  /** How long handlers may take to end after an abort, in milliseconds. */
  readonly graceMs: number;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Where an instance stood when a run of it came to rest. */
export interface RunEnd {
  readonly state: RunState;
  readonly threadId: string;
}

/** The right to run, or to be reset; only who holds it can give it back. */
export type Reservation = object;

/** How many supersteps run before timers get their turn. */
const SUPERSTEPS_PER_TURN = 10_000;

type Lifecycle = 'idle' | 'reserved' | 'running';

/**
 * Repeats supersteps until nothing is left to deliver.
 *
 * Owns an instance's lifecycle and, through its `RunnerContext`, the instance's state.
 *
 * Invariants:
 * - R1: at most one reservation exists; it is taken before any await and released by its holder only.
 * - R2: a run that ends, in whatever way, leaves no message waiting and the instance released.
 * - R3: after a failed reset nothing runs until a reset succeeds.
 */
export class Runner {
  readonly #graph: WorkflowGraph;
  readonly #options: RunnerOptions;
  readonly #context: RunnerContext;
  #lifecycle: Lifecycle = 'idle';
  #holder: Reservation | undefined;
  #lastReset: Promise<void> | undefined;
  #failedReset: WorkflowResetError | undefined;

  constructor(graph: WorkflowGraph, options: RunnerOptions) {
    this.#graph = graph;
    this.#options = options;
    this.#context = new RunnerContext(graph);
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
   * Runs an input to the end and releases the reservation.
   *
   * Resolves when the instance is at rest, with where it then stood; rejects with what ended the run.
   */
  async run(reservation: Reservation, record: RunRecord, input: unknown): Promise<RunEnd> {
    this.#lifecycle = 'running';
    try {
      record.emit({ type: 'started' });
      this.#changeStatus(record, 'in_progress');
      this.#context.begin(input);
      await this.#runUntilConvergence(record);
      this.#rest(record);
      return { state: this.#context.status, threadId: this.#context.threadId };
    } catch (error) {
      throw this.#stop(record, error);
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

  async #runUntilConvergence(record: RunRecord): Promise<void> {
    for (;;) {
      await this.#giveWay(record);
      assertNotCancelled(record);
      const plan = await this.#plan(record);
      assertNotCancelled(record);
      if (plan.batches.length === 0) {
        this.#context.advance({
          ...this.#context.boundary,
          queue: [],
          edgeBuffers: plan.edgeBuffers,
        });
        return;
      }
      this.#assertMaySuperstep(record);
      await this.#runSuperstep(record, plan);
    }
  }

  /**
   * Lets readers of the events and callers of cancel() have their turn, also where no handler waits; now and then
   * timers too, without which a loop that never waits could not be timed out.
   */
  async #giveWay({ supersteps }: RunRecord): Promise<void> {
    if (supersteps === 0 || supersteps % SUPERSTEPS_PER_TURN !== 0) return;
    await new Promise<void>((resolve) => {
      this.#options.clock.schedule(resolve, 0);
    });
  }

  #assertMaySuperstep(record: RunRecord): void {
    const { maxSupersteps } = this.#options;
    if (record.supersteps < maxSupersteps) return;
    throw new WorkflowConvergenceError(this.#graph.name, {
      maxSupersteps,
      outputs: record.outputs,
      runId: record.runId,
    });
  }

  async #plan(record: RunRecord): Promise<SuperstepPlan> {
    const { boundary, executors } = this.#context;
    try {
      const planned = planSuperstep(this.#graph, {
        queue: boundary.queue,
        edgeBuffers: boundary.edgeBuffers,
        executors,
      });
      const plan = planned instanceof Promise ? await this.#waitForPlan(planned, record) : planned;
      for (const { reason, sourceId, target, message } of plan.dropped) {
        const to = target === undefined ? {} : { target };
        record.emit({ type: 'message_dropped', sourceId, ...to, reason, data: message });
      }
      return plan;
    } catch (error) {
      // A condition belongs to the superstep that its message would have been delivered in.
      record.emit({ type: 'superstep_started', superstep: boundary.superstep + 1 });
      throw error;
    }
  }

  #waitForPlan(planned: Promise<SuperstepPlan>, record: RunRecord): Promise<SuperstepPlan> {
    const leaveBehind = (): SuperstepPlan => ({ batches: [], edgeBuffers: new Map(), dropped: [] });
    return withGrace(planned, leaveBehind, { ...this.#options, cancellation: record.cancellation });
  }

  async #runSuperstep(record: RunRecord, plan: SuperstepPlan): Promise<void> {
    const { boundary } = this.#context;
    const superstep = boundary.superstep + 1;
    record.emit({ type: 'superstep_started', superstep });
    const calls = plan.batches.map((batch) => this.#callFor(record, batch, superstep));
    const running = runSuperstep(calls, { ...this.#options, cancellation: record.cancellation });
    const results = running instanceof Promise ? await running : running;
    this.#assertSucceeded(record, results);
    const outcome = applySuperstep(this.#graph, boundary, plan, results);
    this.#context.advance(outcome.boundary);
    record.add(outcome);
    for (const key of outcome.conflicts) record.emit(conflictWarning(key));
    record.emit({ type: 'superstep_completed', superstep });
  }

  #callFor(
    record: RunRecord,
    { executorId, deliveries }: SuperstepPlan['batches'][number],
    superstep: number,
  ): ExecutorCall {
    const executor = this.#context.executors.get(executorId);
    if (executor === undefined) throw new Error(`Executor "${executorId}" is not in the graph.`);
    return {
      runId: record.runId,
      superstep,
      executor,
      deliveries,
      shared: this.#context.boundary.shared,
      sharedKeys: this.#graph.sharedKeys,
      signal: record.cancellation.signal,
      streaming: record.isStreaming,
      runContext: record.runContext,
      sink: record,
    };
  }

  #assertSucceeded(record: RunRecord, results: readonly ExecutorResult[]): void {
    assertNotCancelled(record);
    if (record.cancellation.cause === undefined) return;
    const failures = inDeclaredOrder(this.#graph, results).flatMap(({ executorId, failure }) =>
      failure === undefined || failure.isAbort ? [] : [{ executorId, error: failure.error }],
    );
    throw new ExecutorError({ failures, outputs: record.outputs, runId: record.runId });
  }

  /** Ends a run that has come to rest: messages that a fan-in still holds will never be delivered. */
  #rest(record: RunRecord): void {
    for (const [groupId, bySource] of this.#context.boundary.edgeBuffers) {
      const held = [...bySource.keys()].join(', ');
      record.emit({
        type: 'warning',
        code: 'fan-in-starved',
        message: `The fan-in "${groupId}" still held messages from ${held} when the run ended, because other sources never sent. They were dropped.`,
      });
    }
    this.#context.discardMessages();
    record.stopReason ??= { code: 'completed' };
    this.#changeStatus(record, 'idle');
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

function assertNotCancelled({ cancellation }: RunRecord): void {
  if (cancellation.cause === 'cancelled') throw cancellation.signal.reason;
}

function conflictWarning(key: string): { type: 'warning'; code: string; message: string } {
  return {
    type: 'warning',
    code: 'shared-conflict',
    message: `Several executors wrote the shared key "${key}" in one superstep; the last in declared order won. Declare a reducer for it in the builder's shared option.`,
  };
}
