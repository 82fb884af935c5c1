import { type Executor } from '../graph/executor.ts';
import { boundaryOf, type InstanceSnapshot } from './instance-snapshot.ts';
import { restoreExecutors } from './restore-executors.ts';
import { type RunnerContext } from './runner-context.ts';
import { type ThreadLineage } from './thread-lineage.ts';

/** What an instance is restored to. */
export interface RestoreInstanceOptions {
  readonly snapshot: InstanceSnapshot;
  readonly lineage: ThreadLineage;
  /** Looks at the executors before anything is changed; what it throws refuses the checkpoint. */
  readonly inspect?: (executors: ReadonlyMap<string, Executor>) => void;
}

/**
 * Makes executors from a snapshot and then, if all of them could be, replaces the instance's state.
 *
 * Rejects with `CheckpointDecodeError`, or what `inspect` throws, with nothing changed.
 */
export async function restoreInstance(
  context: RunnerContext,
  { snapshot, lineage, inspect = () => {} }: RestoreInstanceOptions,
): Promise<void> {
  const executors = await restoreExecutors({
    graph: context.graph,
    current: context.executors,
    saved: snapshot.executors,
    inspect,
  });
  context.replace({ lineage, executors, boundary: boundaryOf(snapshot) });
}
