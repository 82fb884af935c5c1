import { type CheckpointFilter } from './checkpoint-store.ts';
import { type CheckpointHead } from './workflow-checkpoint.ts';

/** Whether a filter lets a checkpoint through; `limit` is not asked. */
export function matchesFilter(head: CheckpointHead, filter: CheckpointFilter): boolean {
  const { workflowName, threadId, branchId, runState, after, before } = filter;
  return (
    isSame(head.workflowName, workflowName) &&
    isSame(head.threadId, threadId) &&
    isSame(head.branchId, branchId) &&
    isSame(head.runState, runState) &&
    (after === undefined || head.createdAt >= after) &&
    (before === undefined || head.createdAt < before)
  );
}

function isSame<T>(value: T, wanted: T | undefined): boolean {
  return wanted === undefined || value === wanted;
}
