import { type PruneOptions } from './checkpoint-store.ts';
import { matchesFilter } from './matches-filter.ts';
import { type CheckpointHead } from './workflow-checkpoint.ts';

/** The ids that `prune` removes, of all the heads of a store in the order of saving. */
export function selectPruned(heads: readonly CheckpointHead[], options: PruneOptions): string[] {
  const { workflowName, threadId, olderThan, keepLast = 0 } = options;
  const byThread = Map.groupBy(
    heads.filter((head) => matchesFilter(head, { workflowName, threadId })),
    (head) => JSON.stringify([head.workflowName, head.threadId]),
  );
  return [...byThread.values()]
    .flatMap((ofThread) => ofThread.slice(0, Math.max(0, ofThread.length - keepLast)))
    .filter(({ createdAt }) => olderThan === undefined || createdAt < olderThan)
    .map(({ id }) => id);
}
