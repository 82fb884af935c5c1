import { type ExecutorFailure } from '../errors/workflow-errors.ts';
import { type RunState } from '../events/run-state.ts';
import { declaresReset, type Executor } from '../graph/executor.ts';
import { type ExecutorNode, type WorkflowGraph } from '../graph/workflow-graph.ts';
import { createId } from '../primitives/ids.ts';
import { type Logger } from '../primitives/logger.ts';
import { initialSharedValues } from '../state/shared-state.ts';
import { type SuperstepBoundary } from './apply-superstep.ts';
import { INPUT_SOURCE } from './envelope.ts';

/** Everything of a workflow instance that changes; never cleared field by field, always replaced as a whole. */
interface InstanceState {
  /** How often the instance has been reset. */
  readonly epoch: number;
  /** The conversation; a reset begins another. */
  readonly threadId: string;
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
 * - C2: a reset replaces everything or nothing.
 */
export class RunnerContext {
  readonly #graph: WorkflowGraph;
  #state: InstanceState;

  constructor(graph: WorkflowGraph) {
    this.#graph = graph;
    const executors = new Map(Array.from(graph.executors, ([id, node]) => [id, node.create()]));
    this.#state = pristineState(graph, executors, 0);
  }

  get epoch(): number {
    return this.#state.epoch;
  }

  get threadId(): string {
    return this.#state.threadId;
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
    this.#state.boundary = {
      superstep: 0,
      queue: [{ sourceId: INPUT_SOURCE, message: input }],
      edgeBuffers: NO_BUFFERS,
      shared: this.#state.boundary.shared,
    };
  }

  /** C1: takes over what a superstep came to. */
  advance(boundary: SuperstepBoundary): void {
    this.#state.boundary = boundary;
  }

  /** Drops the messages that wait; what was committed stays. */
  discardMessages(): void {
    this.#state.boundary = { ...this.#state.boundary, queue: [], edgeBuffers: NO_BUFFERS };
  }

  /**
   * Resets every executor and then, if all of them could be, replaces the state.
   *
   * C2: on a failure the state stays, and the failures are returned, in declared order.
   */
  async resetForNewRun(logger: Logger): Promise<readonly ExecutorFailure[]> {
    const executors = new Map<string, Executor>();
    const failures: ExecutorFailure[] = [];
    for (const [id, node] of this.#graph.executors) {
      try {
        executors.set(id, await resetExecutor(node, this.#state.executors.get(id), logger));
      } catch (error) {
        failures.push({ executorId: id, error });
      }
    }
    if (failures.length > 0) return failures;
    this.#state = pristineState(this.#graph, executors, this.#state.epoch + 1);
    return [];
  }
}

function pristineState(
  graph: WorkflowGraph,
  executors: ReadonlyMap<string, Executor>,
  epoch: number,
): InstanceState {
  const shared = initialSharedValues(graph.sharedKeys);
  return {
    epoch,
    threadId: createId('thread'),
    executors,
    boundary: { superstep: 0, queue: [], edgeBuffers: NO_BUFFERS, shared },
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
