import { type WorkflowCheckpoint } from '@colloquy/core';

/** A checkpoint that begins a branch. */
export function someCheckpoint(id: string): WorkflowCheckpoint {
  return {
    id,
    parentId: null,
    threadId: 'thread',
    branchId: 'main',
    runId: 'run',
    workflowName: 'flow',
    graphSignature: 'graph',
    superstep: 0,
    runState: 'idle',
    createdAt: 1,
    version: 1,
    baseId: null,
    state: { text: id },
  };
}
