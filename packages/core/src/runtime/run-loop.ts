import { ExecutorError, WorkflowConvergenceError } from '../errors/workflow-errors.ts';
import { type RunState } from '../events/run-state.ts';
import { type WorkflowGraph } from '../graph/workflow-graph.ts';
import { type Clock } from '../primitives/clock.ts';
import { applySuperstep, inDeclaredOrder } from './apply-superstep.ts';
import { betweenSupersteps } from './between-supersteps.ts';
import { type ExecutorCall, type ExecutorResult } from './executor-call.ts';
import { planSuperstep } from './plan-superstep.ts';
import type { RunCheckpoints } from './run-checkpoints.ts';
import { type RunRecord } from './run-record.ts';
import { runSuperstep, type SuperstepOptions, withGrace } from './run-superstep.ts';
import { type RunnerContext } from './runner-context.ts';
import type { FinishedPart } from './saved-result.ts';
import { type FinishedSteps, NO_STEPS } from './step-results.ts';
import { type SuperstepPlan } from './superstep-plan.ts';

/** How supersteps are run. */
export interface RunLoopOptions {
  /** The most supersteps of one run. */
  readonly maxSupersteps: number;
  readonly maxConcurrency: number | undefined;
  /** How long handlers may take to end after an abort, in milliseconds. */
  readonly graceMs: number;
  readonly clock: Clock;
}

/** What one run works with. */
export interface RunLoopParts {
  readonly context: RunnerContext;
  readonly record: RunRecord;
  /** Where checkpoints are saved, if anywhere. */
  readonly checkpoints: RunCheckpoints | undefined;
  /** What had finished of the first superstep before a crash; it is not run again. */
  readonly finished: ReadonlyMap<string, FinishedPart>;
  /** Which steps of what had not finished need not be done again. */
  readonly steps: FinishedSteps;
  /** Whether the boundary that the run begins at has a checkpoint already. */
  readonly isSaved: boolean;
}

/** How many supersteps run before timers get their turn. */
const SUPERSTEPS_PER_TURN = 10_000;

/**
 * Runs supersteps from where the instance stands until nothing is left to deliver.
 *
 * Invariants:
 * - U1: between two supersteps the boundary is saved once, before the next one begins.
 * - U2: a superstep that fails, or is cancelled, changes nothing of the boundary.
 */
export class RunLoop {
  readonly #graph: WorkflowGraph;
  readonly #options: RunLoopOptions;
  readonly #context: RunnerContext;
  readonly #record: RunRecord;
  readonly #checkpoints: RunCheckpoints | undefined;
  readonly #superstepOptions: SuperstepOptions;
  #finished: ReadonlyMap<string, FinishedPart>;
  #steps: FinishedSteps;
  #isSaved: boolean;

  constructor(options: RunLoopOptions, parts: RunLoopParts) {
    this.#graph = parts.context.graph;
    this.#options = options;
    this.#context = parts.context;
    this.#record = parts.record;
    this.#checkpoints = parts.checkpoints;
    this.#finished = parts.finished;
    this.#steps = parts.steps;
    this.#isSaved = parts.isSaved;
    const { checkpoints } = parts;
    this.#superstepOptions = {
      ...options,
      cancellation: parts.record.cancellation,
      onPartFinished:
        checkpoints === undefined ? undefined : (result) => checkpoints.savePart(result),
    };
  }

  /**
   * Resolves when the instance is at rest.
   *
   * Rejects with what ended the run: `ExecutorError`, `EdgeError`, `WorkflowConvergenceError`, what a checkpoint
   * failed with, or the reason of a cancellation.
   */
  async run(): Promise<void> {
    for (;;) {
      await this.#giveWay();
      this.assertNotCancelled();
      const plan = await this.#planNext();
      this.assertNotCancelled();
      if (plan.batches.length > 0) {
        this.#assertMaySuperstep();
        await this.#runSuperstep(plan);
      } else if (!(await this.#queueSavedAnswers())) return;
    }
  }

  /** Throws the reason of a cancellation. */
  assertNotCancelled(): void {
    const { cancellation } = this.#record;
    if (cancellation.cause === 'cancelled') throw cancellation.signal.reason;
  }

  /**
   * Lets readers of the events and callers of cancel() have their turn, also where no handler waits; now and then
   * timers too, without which a loop that never waits could not be timed out.
   */
  async #giveWay(): Promise<void> {
    const { supersteps } = this.#record;
    if (supersteps === 0 || supersteps % SUPERSTEPS_PER_TURN !== 0) return;
    await new Promise<void>((resolve) => {
      this.#options.clock.schedule(resolve, 0);
    });
  }

  #assertMaySuperstep(): void {
    const { maxSupersteps } = this.#options;
    const { supersteps, outputs, runId } = this.#record;
    if (supersteps < maxSupersteps) return;
    const checkpointId = this.#checkpoints?.lastId;
    throw new WorkflowConvergenceError(this.#graph.name, {
      maxSupersteps,
      outputs,
      runId,
      checkpointId,
    });
  }

  /**
   * Plans the next superstep and saves the boundary before it; settles the boundary where there is none.
   *
   * A plan that is ready at once is made before the saving, so that the checkpoint can tell that the run rests. One
   * that has to wait for conditions is waited for after it, since waiting may be cancelled.
   */
  async #planNext(): Promise<SuperstepPlan> {
    const planning = this.#startPlanning();
    if (planning instanceof Promise) {
      // It is awaited below, unless saving fails first.
      planning.catch(() => {});
      await this.#save('in_progress');
    }
    const plan = planning instanceof Promise ? await planning : planning;
    if (plan instanceof Failed) {
      await this.#save('in_progress');
      throw plan.error;
    }
    this.#tellDropped(plan);
    if (plan.batches.length === 0) this.#settle(plan);
    await this.#save(plan.batches.length === 0 ? this.#restingState : 'in_progress');
    return plan;
  }

  #startPlanning(): SuperstepPlan | Failed | Promise<SuperstepPlan | Failed> {
    const { boundary, executors } = this.#context;
    const fail = (error: unknown): Failed => {
      // A condition belongs to the superstep that its message would have been delivered in.
      this.#record.emit({ type: 'superstep_started', superstep: boundary.superstep + 1 });
      return new Failed(error);
    };
    try {
      const { queue, edgeBuffers } = boundary;
      const planned = planSuperstep(this.#graph, { queue, edgeBuffers, executors });
      return planned instanceof Promise ? this.#waitForPlan(planned).catch(fail) : planned;
    } catch (error) {
      return fail(error);
    }
  }

  #waitForPlan(planned: Promise<SuperstepPlan>): Promise<SuperstepPlan> {
    const leaveBehind = (): SuperstepPlan => ({ batches: [], edgeBuffers: new Map(), dropped: [] });
    const { cancellation } = this.#record;
    // A plan that was left behind is never looked at: the run has been cancelled.
    return withGrace(planned, leaveBehind, { ...this.#options, cancellation });
  }

  #tellDropped({ dropped }: SuperstepPlan): void {
    for (const { reason, sourceId, target, message } of dropped) {
      const to = target === undefined ? {} : { target };
      this.#record.emit({ type: 'message_dropped', sourceId, ...to, reason, data: message });
    }
  }

  /** Nothing is left to deliver: messages that a fan-in still holds wait for answers, or for nothing. */
  #settle({ edgeBuffers }: SuperstepPlan): void {
    if (this.#record.cancellation.cause === 'cancelled') return;
    this.#context.advance({ ...this.#context.boundary, queue: [], edgeBuffers });
    if (this.#context.boundary.pending.size > 0) return;
    for (const [groupId, bySource] of edgeBuffers) {
      const held = [...bySource.keys()].join(', ');
      this.#record.emit({
        type: 'warning',
        code: 'fan-in-starved',
        message: `The fan-in "${groupId}" still held messages from ${held} when the run ended, because other sources never sent. They were dropped.`,
      });
    }
    this.#context.discardMessages();
  }

  get #restingState(): RunState {
    return this.#context.boundary.pending.size > 0 ? 'idle_with_pending_requests' : 'idle';
  }

  /** U1 */
  #save(state: RunState): Promise<void> | undefined {
    if (this.#isSaved || this.#checkpoints === undefined) return undefined;
    this.#isSaved = true;
    return this.#checkpoints.save(state);
  }

  /** Takes answers that lay ready in the store before their requests were asked; says whether there were any. */
  async #queueSavedAnswers(): Promise<boolean> {
    if (this.#checkpoints === undefined || this.#context.boundary.pending.size === 0) return false;
    const accepted = await this.#checkpoints.readyAnswers();
    if (accepted.length === 0) return false;
    this.#context.queueAnswers(accepted);
    this.#isSaved = false;
    return true;
  }

  async #runSuperstep(plan: SuperstepPlan): Promise<void> {
    const { boundary } = this.#context;
    const superstep = boundary.superstep + 1;
    this.#record.emit({ type: 'superstep_started', superstep });
    const bypassed = this.#finished.size === 0 ? NO_RESULTS : await this.#bypass(plan);
    const scope = `${this.#record.scope ?? this.#context.lineage.scope}/${boundary.step + 1}`;
    const calls = this.#callsFor(plan, superstep, scope, bypassed);
    this.#steps = NO_STEPS;
    const running = runSuperstep(calls, this.#superstepOptions);
    const results = running instanceof Promise ? await running : running;
    if (this.#record.cancellation.cause !== undefined) await this.#fail(results);
    const all = bypassed.length === 0 ? results : [...bypassed, ...results];
    const outcome = applySuperstep(this.#graph, boundary, plan, all);
    this.#context.advance(outcome.boundary);
    if (this.#record.hasAsked) this.#context.status = 'in_progress_pending_requests';
    this.#isSaved = false;
    this.#record.add(outcome);
    for (const key of outcome.conflicts) this.#record.emit(conflictWarning(key));
    this.#record.emit({ type: 'superstep_completed', superstep });
    const work = betweenSupersteps();
    if (work !== undefined) await work(this.#context, this.#record);
  }

  /** What a crash left behind of the superstep is not done again. */
  async #bypass(plan: SuperstepPlan): Promise<readonly ExecutorResult[]> {
    const finished = this.#finished;
    this.#finished = NONE_FINISHED;
    const { bypassFinished } = await import('./bypass-finished.ts');
    return bypassFinished(plan, finished, { context: this.#context, record: this.#record });
  }

  #callsFor(
    { batches }: SuperstepPlan,
    superstep: number,
    scope: string,
    bypassed: readonly ExecutorResult[],
  ): ExecutorCall[] {
    const left =
      bypassed.length === 0
        ? batches
        : batches.filter((batch) =>
            bypassed.every(({ executorId }) => executorId !== batch.executorId),
          );
    return left.map((batch) => this.#callFor(batch, superstep, scope));
  }

  #callFor(
    { executorId, deliveries }: SuperstepPlan['batches'][number],
    superstep: number,
    scope: string,
  ): ExecutorCall {
    const executor = this.#context.executors.get(executorId);
    if (executor === undefined) throw new Error(`Executor "${executorId}" is not in the graph.`);
    const { runId, cancellation, isStreaming, runContext } = this.#record;
    const checkpoints = this.#checkpoints;
    const steps = this.#steps;
    return {
      runId,
      superstep,
      scope,
      pending: this.#context.boundary.pending,
      executor,
      deliveries,
      shared: this.#context.boundary.shared,
      sharedKeys: this.#graph.sharedKeys,
      signal: cancellation.signal,
      streaming: isStreaming,
      runContext,
      sink: this.#record,
      journalFor:
        checkpoints === undefined
          ? undefined
          : (position) => checkpoints.journalFor(executorId, position, steps),
    };
  }

  /** U2: throws why the superstep ended early. */
  async #fail(results: readonly ExecutorResult[]): Promise<never> {
    await this.#checkpoints?.settle();
    this.assertNotCancelled();
    const failures = inDeclaredOrder(this.#graph, results).flatMap(({ executorId, failure }) =>
      failure === undefined || failure.isAbort ? [] : [{ executorId, error: failure.error }],
    );
    const { outputs, runId } = this.#record;
    throw new ExecutorError({
      failures,
      outputs,
      runId,
      checkpointId: this.#checkpoints?.lastId,
    });
  }
}

const NO_RESULTS: readonly ExecutorResult[] = [];
const NONE_FINISHED: ReadonlyMap<string, FinishedPart> = new Map();

/** A plan that could not be made; its error is thrown once the boundary has been saved. */
class Failed {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

function conflictWarning(key: string): { type: 'warning'; code: string; message: string } {
  return {
    type: 'warning',
    code: 'shared-conflict',
    message: `Several executors wrote the shared key "${key}" in one superstep; the last in declared order won. Declare a reducer for it in the builder's shared option.`,
  };
}
