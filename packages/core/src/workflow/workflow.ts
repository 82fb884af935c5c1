import { WorkflowAgent, type WorkflowAgentOptions } from '../bridges/workflow-agent.ts';
import { UnsupportedInputError, WorkflowForkError } from '../errors/workflow-errors.ts';
import { type RunState } from '../events/run-state.ts';
import { type AnyCustomEvent } from '../events/workflow-event.ts';
import { type AskedRequest } from '../graph/executor.ts';
import { findHandler } from '../graph/handler.ts';
import { type ResponseHandler } from '../graph/response-handler.ts';
import { NO_USAGE } from '../messages/usage.ts';
import { describeMatcher } from '../graph/matcher.ts';
import { type WorkflowGraph } from '../graph/workflow-graph.ts';
import { describeValue } from '../primitives/json.ts';
import { RunRecord } from '../runtime/run-record.ts';
import { type RunEnd, Runner, type RunnerOptions } from '../runtime/runner.ts';
import { type RunStart } from '../runtime/run-start.ts';
import { type InstanceSnapshot } from '../runtime/instance-snapshot.ts';
import {
  type NestedRunOptions,
  type NestedRunResult,
  type NestedStart,
  type RunnableWorkflow,
} from '../runtime/runnable-workflow.ts';
import { ThreadLineage } from '../runtime/thread-lineage.ts';
import { type ResumeOptions, type RunOptions } from './run-options.ts';
import { type WorkflowResult } from './workflow-result.ts';
import { WorkflowRun } from './workflow-run.ts';

/** What a workflow is made from. */
export interface WorkflowDefinition {
  readonly graph: WorkflowGraph;
  readonly runnerOptions: RunnerOptions;
  readonly snapshotEvents: boolean;
  /** Of the first conversation of the first instance. */
  readonly threadId?: string | undefined;
}

/**
 * One instance of a built graph: one conversation at a time, whose state is kept between runs until a reset.
 *
 * Made by `WorkflowBuilder.build()`. Several conversations at once need several instances: `fork()`.
 */
export class Workflow<
  TInput = unknown,
  TOutput = unknown,
  TEvent extends AnyCustomEvent = AnyCustomEvent,
> implements RunnableWorkflow<TInput> {
  /** Never set: carries the type. */
  declare readonly '~input'?: (input: TInput) => void;
  readonly name: string;
  readonly description: string;
  /** What the workflow is made of; frozen. */
  readonly graph: WorkflowGraph;
  readonly #definition: WorkflowDefinition;
  readonly #runner: Runner;

  constructor(definition: WorkflowDefinition) {
    this.name = definition.graph.name;
    this.description = definition.graph.description;
    this.graph = definition.graph;
    this.#definition = definition;
    this.#runner = new Runner(definition.graph, definition.runnerOptions, definition.threadId);
  }

  /** The state of the present or last run; `idle` before the first and after a reset. */
  get status(): RunState {
    return this.#runner.context.status;
  }

  /**
   * Runs an input until nothing is left to deliver.
   *
   * Rejects, with nothing changed, with `WorkflowBusyError` while a run or reset is active, with
   * `WorkflowNeedsResetError` after a failed reset, and with `UnsupportedInputError`; else with `ExecutorError`,
   * `EdgeError` or `WorkflowConvergenceError` when the run fails, or the signal's reason when it is cancelled.
   */
  async run(input: TInput, options: RunOptions = {}): Promise<WorkflowResult<TOutput>> {
    return this.#start(this.#startWith(input), options, false).result;
  }

  /**
   * Starts a run and gives its events as they come.
   *
   * @throws {WorkflowBusyError} while a run or reset is active.
   * @throws {WorkflowNeedsResetError} after a failed reset.
   * @throws {UnsupportedInputError} when no handler of the start executor takes the input.
   */
  stream(input: TInput, options: RunOptions = {}): WorkflowRun<TOutput, TEvent> {
    const { record, result } = this.#start(this.#startWith(input), options, true);
    return new WorkflowRun(this.name, record, result);
  }

  /**
   * Goes on from a checkpoint, from the head of a conversation, or from where the instance stands.
   *
   * The result's outputs begin with what the interrupted run had yielded; with answers they hold what came after them.
   * From the head of its branch a conversation goes on as it is; from an older checkpoint a new branch begins, and
   * the old one stays as it was.
   *
   * Rejects, with nothing changed, with `WorkflowBusyError`, `WorkflowNeedsResetError`, `UnknownRequestError`,
   * `StaleRequestError`, `InvalidResponseError`, `CheckpointNotFoundError`, `CheckpointDecodeError` (of which
   * `GraphChangedError` is one) or `CheckpointStoreError`; else as `run` does, or with `CheckpointConflictError` when
   * another process has gone on from the same checkpoint.
   */
  async resume(options: ResumeOptions = {}): Promise<WorkflowResult<TOutput>> {
    return this.#start(() => this.#startFrom(options), options, false).result;
  }

  /**
   * As `resume`, with the events as they come; requests that still wait are told again.
   *
   * That the instance is busy is thrown at once; with whatever else is refused, such as answers that do not fit, `result`
   * rejects.
   */
  streamResume(options: ResumeOptions = {}): WorkflowRun<TOutput, TEvent> {
    const { record, result } = this.#start(() => this.#startFrom(options), options, true);
    return new WorkflowRun(this.name, record, result);
  }

  /**
   * Returns the instance to the state of a new one: nothing of the conversation is left.
   *
   * Calls `reset()` of every executor; sessions that the caller supplied are kept, with a warning to the logger.
   * Idempotent; two at once are done one after the other.
   *
   * @throws {WorkflowBusyError} while a run is active; nothing was changed.
   * @throws {WorkflowResetError} when hooks fail; the instance then refuses to run until a reset succeeds.
   */
  async resetForNewRun(): Promise<void> {
    await this.#runner.resetForNewRun();
  }

  /**
   * Makes another instance of the same graph, in pristine state.
   *
   * @throws {WorkflowForkError} when executors were passed as instances, which both would share.
   */
  fork(): Workflow<TInput, TOutput, TEvent> {
    const shared = [...this.graph.executors.values()]
      .filter(({ origin, isStateless }) => origin === 'instance' && !isStateless)
      .map(({ id }) => id);
    if (shared.length > 0) throw new WorkflowForkError(this.name, shared);
    return new Workflow({ ...this.#definition, threadId: undefined });
  }

  /**
   * Makes an agent of the workflow: every session of it has an instance of its own.
   *
   * @throws {WorkflowForkError} when executors were passed as instances.
   * @throws {ConfigurationError} `agent/unsupported-workflow` when the start executor takes neither messages nor text.
   */
  asAgent(options: WorkflowAgentOptions = {}): WorkflowAgent {
    return new WorkflowAgent(this, options);
  }

  /** Runs within another workflow's superstep; called by its executor. */
  async runNested(start: NestedStart, options: NestedRunOptions): Promise<NestedRunResult> {
    const { scope, signal, runContext, onEvent } = options;
    const begin = (): RunStart =>
      'input' in start ? { kind: 'input', input: start.input } : this.#answerStart(start);
    const isStreaming = onEvent !== undefined;
    const record = { scope, onEvent };
    const { outputs, pendingRequests, usage } = await this.#start(
      begin,
      { signal, runContext },
      isStreaming,
      record,
    ).result;
    return { outputs, pendingRequests, usage };
  }

  /** Everything that a checkpoint of a parent carries. */
  async saveNested(): Promise<InstanceSnapshot> {
    const progress = { outputs: [], intermediates: [], usage: NO_USAGE, stopReason: undefined };
    const { takeSnapshot } = await import('../runtime/take-snapshot.ts');
    return takeSnapshot(this.#runner.context, progress);
  }

  /** Takes over what `saveNested` gave, decoded. Rejects with `CheckpointDecodeError`. */
  async restoreNested(value: unknown): Promise<void> {
    const { parseSnapshot } = await import('../runtime/parse-snapshot.ts');
    const snapshot = parseSnapshot(value, this.graph);
    const { ids } = this.#definition.runnerOptions;
    const lineage = new ThreadLineage({ threadId: snapshot.threadId, ids });
    const { restoreInstance } = await import('../runtime/restore-instance.ts');
    await restoreInstance(this.#runner.context, { snapshot, lineage });
  }

  /** Who handles the answer to a request of this workflow; `path` begins at its executors. */
  findResponseHandler({
    id,
    type,
    path,
  }: AskedRequest & { readonly path: readonly string[] }): ResponseHandler | undefined {
    const [executorId = ''] = path;
    const inner = path.length > 1 ? { path } : {};
    return this.#runner.context.executors
      .get(executorId)
      ?.findResponseHandler({ id, type, ...inner });
  }

  /** An answer of the parent's is validated here, unless its schema has done so where it came in. */
  #answerStart({
    requestId,
    answer,
  }: {
    readonly requestId: string;
    readonly answer: unknown;
  }): RunStart {
    const request = this.#runner.context.boundary.pending.get(requestId);
    if (request === undefined) return { kind: 'answers', accepted: [] };
    return { kind: 'answers', accepted: [{ request, answer }] };
  }

  #start(
    begin: () => RunStart,
    options: RunOptions,
    isStreaming: boolean,
    nested: Pick<NestedRunOptions, 'onEvent'> & { readonly scope?: string } = {
      onEvent: undefined,
    },
  ): StartedRun<TOutput> {
    const reservation = this.#runner.reserve();
    try {
      const start = begin();
      const record = this.#recordFor(options, isStreaming, nested);
      const ended = this.#runner.run(reservation, record, start, options.checkpoints);
      return { record, result: ended.then((end) => this.#resultOf(record, end)) };
    } catch (error) {
      this.#runner.release(reservation);
      throw error;
    }
  }

  #startWith(input: TInput): () => RunStart {
    return () => {
      this.#assertSupported(input);
      return { kind: 'input', input };
    };
  }

  #startFrom({ checkpointId, threadId, responses, migrate, checkpoints }: ResumeOptions): RunStart {
    const store = checkpoints ?? this.#definition.runnerOptions.checkpoints;
    return { kind: 'resume', store, checkpointId, threadId, responses, migrate };
  }

  #recordFor(
    options: RunOptions,
    isStreaming: boolean,
    nested: Pick<NestedRunOptions, 'onEvent'> & { readonly scope?: string },
  ): RunRecord {
    const record = new RunRecord({
      designation: this.graph.designation,
      clock: this.#definition.runnerOptions.clock,
      ids: this.#definition.runnerOptions.ids,
      isStreaming,
      snapshotEvents: this.#definition.snapshotEvents,
      runContext: options.runContext,
      ...nested,
    });
    record.cancellation.follow(options.signal);
    return record;
  }

  #assertSupported(input: unknown): void {
    const { startId } = this.graph;
    const handlers = this.#runner.context.executors.get(startId)?.handlers ?? [];
    if (findHandler(handlers, input) !== undefined) return;
    const taken = handlers.flatMap(({ matcher }) =>
      matcher === undefined ? [] : describeMatcher(matcher),
    );
    throw new UnsupportedInputError(
      `Expected an input that the start executor "${startId}" of workflow "${this.name}" takes (${taken.join(', ')}), got ${describeValue(input)}. Pass one of these, or add .on(…) to "${startId}".`,
    );
  }

  #resultOf(record: RunRecord, { state, threadId, ...end }: RunEnd): WorkflowResult<TOutput> {
    const result = {
      runId: record.runId,
      threadId,
      state,
      // The graph's types say what its output executors yield.
      outputs: record.outputs as TOutput[],
      intermediates: record.intermediates,
      pendingRequests: end.pendingRequests,
      checkpointId: end.checkpointId,
      stopReason: record.stopReason ?? { code: 'completed' },
      usage: record.usage,
      supersteps: record.supersteps,
    };
    record.observer?.onResult(result);
    return result;
  }
}

interface StartedRun<TOutput> {
  readonly record: RunRecord;
  readonly result: Promise<WorkflowResult<TOutput>>;
}
