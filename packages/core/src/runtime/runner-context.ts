import { type ExecutorFailure } from '../errors/workflow-errors.ts';
import { type RunState } from '../events/run-state.ts';
import { declaresReset, type Executor } from '../graph/executor.ts';
import { type ExecutorNode, type WorkflowGraph } from '../graph/workflow-graph.ts';
import { type IdSource } from '../primitives/ids.ts';
import { type Logger } from '../primitives/logger.ts';
import { type AcceptedAnswer } from '../requests/answers.ts';
import { initialSharedValues } from '../state/shared-state.ts';
import { type SuperstepBoundary } from './apply-superstep.ts';
import { type Envelope, INPUT_SOURCE } from './envelope.ts';
import { boundaryOf, type InstanceSnapshot } from './instance-snapshot.ts';
import { ThreadLineage } from './thread-lineage.ts';

/** Everything of a workflow instance that changes; never cleared field by field, always replaced as a whole. */
interface InstanceState {
  /** How often the instance has been reset. */
  readonly epoch: number;
  /** The conversation; a reset begins another. */
  readonly lineage: ThreadLineage;
  readonly executors: ReadonlyMap<string, Executor>;
  boundary: SuperstepBoundary;
  status: RunState;
}

const NO_BUFFERS: SuperstepBoundary['edgeBuffers'] = new Map();

/**
 * Where an instance's messages, values and executors lie between and during runs.
 *
 * Owns the one mutable object of a workflow instance; only the runner calls it.
 *
 * Invariants:
 * - C1: a boundary is replaced as a whole, when a superstep has ended well.
 * - C2: a reset or a restore replaces everything or nothing.
 * - C3: a request that was asked waits until its answer has been handled by a superstep that ended well.
 */
export class RunnerContext {
  readonly graph: WorkflowGraph;
  readonly #ids: IdSource;
  #state: InstanceState;

  /** @param threadId - Of the first conversation; made up without it. */
  constructor(graph: WorkflowGraph, threadId: string | undefined, ids: IdSource) {
    this.graph = graph;
    this.#ids = ids;
    const executors = new Map(Array.from(graph.executors, ([id, node]) => [id, node.create()]));
    this.#state = pristineState(graph, executors, { epoch: 0, threadId, ids });
  }

  get epoch(): number {
    return this.#state.epoch;
  }

  get threadId(): string {
    return this.#state.lineage.threadId;
  }

  get lineage(): ThreadLineage {
    return this.#state.lineage;
  }

  get executors(): ReadonlyMap<string, Executor> {
    return this.#state.executors;
  }

  get boundary(): SuperstepBoundary {
    return this.#state.boundary;
  }

  get status(): RunState {
    return this.#state.status;
  }

  set status(status: RunState) {
    this.#state.status = status;
  }

  /** Puts a run's input before its first superstep; shared values and executors stay as they are. */
  begin(input: unknown): void {
    const { boundary } = this.#state;
    this.#state.boundary = {
      ...boundary,
      superstep: 0,
      queue: [{ sourceId: INPUT_SOURCE, message: input }],
      edgeBuffers: boundary.pending.size > 0 ? boundary.edgeBuffers : NO_BUFFERS,
    };
  }

  /** Puts answers behind the messages that wait; their requests wait no more. */
  queueAnswers(accepted: readonly AcceptedAnswer[]): void {
    const { boundary } = this.#state;
    const pending = new Map(boundary.pending);
    const answered = new Set(boundary.answered);
    const answers = accepted.map(({ request, answer }): Envelope => {
      pending.delete(request.id);
      answered.add(request.id);
      const { executorId } = request;
      return { sourceId: executorId, message: answer, target: executorId, request };
    });
    const queue = [...boundary.queue, ...answers];
    this.#state.boundary = { ...boundary, queue, pending, answered };
  }

  /** C1: takes over what a superstep came to. */
  advance(boundary: SuperstepBoundary): void {
    this.#state.boundary = boundary;
  }

  /**
   * Drops the messages that wait; what was committed stays.
   *
   * C3: an answer among them makes its request wait again. While requests wait, so do the messages of a fan-in, which
   * an answer may complete.
   */
  discardMessages(): void {
    const { boundary } = this.#state;
    const returned = boundary.queue.flatMap(({ request }) => request ?? []);
    if (returned.length === 0) {
      const edgeBuffers = boundary.pending.size > 0 ? boundary.edgeBuffers : NO_BUFFERS;
      this.#state.boundary = { ...boundary, queue: [], edgeBuffers };
      return;
    }
    const answered = new Set(boundary.answered);
    for (const { id } of returned) answered.delete(id);
    const again = returned.map((request) => [request.id, request] as const);
    const pending = new Map([...again, ...boundary.pending]);
    this.#state.boundary = { ...boundary, queue: [], pending, answered };
  }

  /**
   * Makes executors from a snapshot and then, if all of them could be, replaces the state; C2.
   *
   * Rejects with `CheckpointDecodeError`, or what `inspect` throws, with nothing changed.
   *
   * @param inspect - Looks at the executors before anything is changed.
   */
  async restore(
    snapshot: InstanceSnapshot,
    lineage: ThreadLineage,
    inspect: (executors: ReadonlyMap<string, Executor>) => void = () => {},
  ): Promise<void> {
    const { restoreExecutors } = await import('./restore-executors.ts');
    const executors = await restoreExecutors({
      graph: this.graph,
      current: this.#state.executors,
      saved: snapshot.executors,
      inspect,
    });
    const boundary = boundaryOf(snapshot);
    const status = boundary.pending.size > 0 ? 'idle_with_pending_requests' : 'idle';
    this.#state = { epoch: this.#state.epoch + 1, lineage, executors, boundary, status };
  }

  /**
   * Resets every executor and then, if all of them could be, replaces the state.
   *
   * C2: on a failure the state stays, and the failures are returned, in declared order.
   */
  async resetForNewRun(logger: Logger): Promise<readonly ExecutorFailure[]> {
    const executors = new Map<string, Executor>();
    const failures: ExecutorFailure[] = [];
    for (const [id, node] of this.graph.executors) {
      try {
        executors.set(id, await resetExecutor(node, this.#state.executors.get(id), logger));
      } catch (error) {
        failures.push({ executorId: id, error });
      }
    }
    if (failures.length > 0) return failures;
    const epoch = this.#state.epoch + 1;
    this.#state = pristineState(this.graph, executors, { epoch, ids: this.#ids });
    return [];
  }
}

function pristineState(
  graph: WorkflowGraph,
  executors: ReadonlyMap<string, Executor>,
  {
    epoch,
    ...named
  }: { readonly epoch: number; readonly threadId?: string | undefined; readonly ids: IdSource },
): InstanceState {
  const shared = initialSharedValues(graph.sharedKeys);
  return {
    epoch,
    lineage: new ThreadLineage(named),
    executors,
    boundary: {
      superstep: 0,
      step: 0,
      queue: [],
      edgeBuffers: NO_BUFFERS,
      shared,
      pending: new Map(),
      answered: new Set(),
    },
    status: 'idle',
  };
}

/** The executor of the next conversation: the same one where it resets itself, else a new one where one can be made. */
async function resetExecutor(
  node: ExecutorNode,
  executor: Executor | undefined,
  logger: Logger,
): Promise<Executor> {
  if (executor === undefined) return node.create();
  await executor.reset({ logger });
  const keeps =
    node.origin === 'instance' || (node.origin === 'factory' && declaresReset(executor));
  return keeps ? executor : node.create();
}
