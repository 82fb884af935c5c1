import { CheckpointEncodeError } from '../errors/checkpoint-errors.ts';
import { messageOf } from '../errors/message-of.ts';
import { type Executor } from '../graph/executor.ts';
import { shapeOf } from '../graph/graph-signature.ts';
import { isPromiseLike } from '../primitives/promise-like.ts';
import { type InstanceSnapshot } from './instance-snapshot.ts';
import { type RunProgress } from './run-record.ts';
import { type RunnerContext } from './runner-context.ts';

/**
 * Everything that a checkpoint of an instance carries; the values are the instance's own.
 *
 * Rejects with `CheckpointEncodeError` when an `onCheckpointSave` throws.
 */
export async function takeSnapshot(
  { graph, threadId, boundary, executors }: RunnerContext,
  { outputs, intermediates, usage, stopReason }: RunProgress,
): Promise<InstanceSnapshot> {
  return {
    graph: shapeOf(graph).lines,
    threadId,
    superstep: boundary.superstep,
    step: boundary.step,
    queue: boundary.queue,
    edgeBuffers: boundary.edgeBuffers,
    shared: boundary.shared,
    pending: [...boundary.pending.values()],
    answered: [...boundary.answered],
    executors: await saveExecutors(executors),
    progress: { outputs, intermediates, usage, stopReason },
  };
}

async function saveExecutors(
  executors: ReadonlyMap<string, Executor>,
): Promise<Map<string, unknown>> {
  const saved = new Map<string, unknown>();
  for (const [id, executor] of executors) {
    const saving = saveExecutor(executor);
    const state = isPromiseLike(saving) ? await saving : saving;
    if (state !== undefined) saved.set(id, state);
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
