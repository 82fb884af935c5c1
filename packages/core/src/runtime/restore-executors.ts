import { CheckpointDecodeError } from '../errors/checkpoint-errors.ts';
import { messageOf } from '../errors/message-of.ts';
import { type Executor } from '../graph/executor.ts';
import { type ExecutorNode, type WorkflowGraph } from '../graph/workflow-graph.ts';

/** How executors are restored. */
export interface RestoreExecutorsOptions {
  readonly graph: WorkflowGraph;
  /** The instance's present executors. */
  readonly current: ReadonlyMap<string, Executor>;
  /** What `onCheckpointSave` gave, by executor; one that is missing begins afresh. */
  readonly saved: ReadonlyMap<string, unknown>;
  /** Looks at the executors before anything is changed; what it throws refuses the checkpoint. */
  readonly inspect: (executors: ReadonlyMap<string, Executor>) => void;
}

/**
 * Makes the executors that a checkpoint tells of.
 *
 * All or nothing: new executors are made beside the present ones, and only when all of them have taken their state
 * are the instances that the caller passed changed; where one of these refuses, they get back what they had.
 *
 * Rejects with `CheckpointDecodeError`.
 */
export async function restoreExecutors(
  options: RestoreExecutorsOptions,
): Promise<ReadonlyMap<string, Executor>> {
  const { graph, current, saved, inspect } = options;
  const made = new Map<string, Executor>();
  for (const node of graph.executors.values()) {
    if (isCallersOwn(node)) continue;
    const executor = node.create();
    await restore(executor, saved);
    made.set(node.id, executor);
  }
  const inOrder = Array.from(graph.executors, ([id, node]): [string, Executor] => [
    id,
    made.get(id) ?? current.get(id) ?? node.create(),
  ]);
  const executors = new Map(inOrder);
  inspect(executors);
  const own = [...graph.executors.values()].filter(isCallersOwn).map(({ id }) => current.get(id));
  await restoreInPlace(
    own.filter((executor) => executor !== undefined),
    options,
  );
  return executors;
}

function isCallersOwn({ origin, isStateless }: ExecutorNode): boolean {
  return origin === 'instance' && !isStateless;
}

async function restoreInPlace(
  executors: readonly Executor[],
  { saved }: RestoreExecutorsOptions,
): Promise<void> {
  const before = new Map<string, unknown>();
  for (const executor of executors) before.set(executor.id, await executor.onCheckpointSave());
  const touched: Executor[] = [];
  try {
    for (const executor of executors) {
      touched.push(executor);
      await executor.reset();
      await restore(executor, saved);
    }
  } catch (error) {
    for (const executor of touched) {
      await executor.reset();
      await restore(executor, before);
    }
    throw error;
  }
}

async function restore(executor: Executor, states: ReadonlyMap<string, unknown>): Promise<void> {
  const state = states.get(executor.id);
  if (state === undefined) return;
  try {
    await executor.onCheckpointRestore(state);
  } catch (error) {
    throw new CheckpointDecodeError(`executor "${executor.id}" refused it: ${messageOf(error)}`, {
      path: `executors.${executor.id}`,
      cause: error,
    });
  }
}
