import { CheckpointEncodeError } from '../errors/checkpoint-errors.ts';
import { messageOf } from '../errors/message-of.ts';
import { type Executor } from '../graph/executor.ts';
import { shapeOf } from '../graph/graph-signature.ts';
import { isPromiseLike } from '../primitives/promise-like.ts';
import { type InstanceSnapshot } from './instance-snapshot.ts';
import { type RunProgress } from './run-record.ts';
import { type RunnerContext } from './runner-context.ts';

/**
 * Everything that a checkpoint of an instance carries, or its promise; the values are the instance's own.
 *
 * @throws {CheckpointEncodeError} when an `onCheckpointSave` throws; the promise rejects with it.
 */
export function takeSnapshot(
  context: RunnerContext,
  progress: RunProgress,
): InstanceSnapshot | Promise<InstanceSnapshot> {
  const executors = saveExecutors(context.executors);
  return executors instanceof Promise
    ? executors.then((saved) => snapshotOf(context, progress, saved))
    : snapshotOf(context, progress, executors);
}

function snapshotOf(
  { graph, threadId, boundary }: RunnerContext,
  { outputs, intermediates, usage, stopReason }: RunProgress,
  executors: ReadonlyMap<string, unknown>,
): InstanceSnapshot {
  const { superstep, step, queue, edgeBuffers, shared, pending, answered } = boundary;
  return {
    graph: shapeOf(graph).lines,
    threadId,
    superstep,
    step,
    queue,
    edgeBuffers,
    shared,
    pending: pending.size === 0 ? [] : [...pending.values()],
    answered: answered.size === 0 ? [] : [...answered],
    executors,
    progress: { outputs, intermediates, usage, stopReason },
  };
}

type SavedExecutors = ReadonlyMap<string, unknown>;

/** Saves one executor after another; makes nothing where there is nothing to save, and no promise where none of them does. */
function saveExecutors(
  executors: ReadonlyMap<string, Executor>,
): SavedExecutors | Promise<SavedExecutors> {
  let saved: Map<string, unknown> | undefined;
  const rest = executors.values();
  for (let next = rest.next(); next.done !== true; next = rest.next()) {
    const { id } = next.value;
    const state = saveExecutor(next.value);
    if (state === undefined) continue;
    saved ??= new Map();
    if (isPromiseLike(state)) return finishSaving(saved, { id, state, rest });
    saved.set(id, state);
  }
  return saved ?? NOTHING_SAVED;
}

const NOTHING_SAVED: SavedExecutors = new Map();

/** Goes on where an executor is waited for. */
async function finishSaving(
  saved: Map<string, unknown>,
  waiting: {
    readonly id: string;
    readonly state: PromiseLike<unknown>;
    readonly rest: Iterable<Executor>;
  },
): Promise<SavedExecutors> {
  const first = await waiting.state;
  if (first !== undefined) saved.set(waiting.id, first);
  for (const executor of waiting.rest) {
    const state = await saveExecutor(executor);
    if (state !== undefined) saved.set(executor.id, state);
  }
  return saved;
}

/**
 * What an executor stores in a checkpoint, or its promise.
 *
 * @throws {CheckpointEncodeError} when its hook throws.
 */
export function saveExecutor(executor: Executor): unknown {
  try {
    const state = executor.onCheckpointSave();
    if (!isPromiseLike(state)) return state;
    return Promise.resolve(state).catch((error: unknown) => {
      throw saveFailed(executor.id, error);
    });
  } catch (error) {
    throw saveFailed(executor.id, error);
  }
}

function saveFailed(id: string, error: unknown): CheckpointEncodeError {
  const problem = `onCheckpointSave failed: ${messageOf(error)}`;
  return new CheckpointEncodeError(`executors.${id}`, problem, error);
}
