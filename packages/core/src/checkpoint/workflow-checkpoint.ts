import { type RunState } from '../events/run-state.ts';
import { type JsonValue } from '../primitives/json.ts';

/** The version of the format that this library writes. */
export const CHECKPOINT_VERSION = 1;

/** What a checkpoint is known by; plain JSON. */
export interface CheckpointHead {
  readonly id: string;
  /** The checkpoint it follows; `null` for the first of a thread. */
  readonly parentId: string | null;
  /** The conversation. */
  readonly threadId: string;
  /** A line of checkpoints with one writer; going on from an older checkpoint opens another. */
  readonly branchId: string;
  readonly runId: string;
  readonly workflowName: string;
  /** Identifies the shape of the graph; a checkpoint fits only the same one. */
  readonly graphSignature: string;
  /** Supersteps completed so far. */
  readonly superstep: number;
  /** Where the run stood. */
  readonly runState: RunState;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Of the format. */
  readonly version: number;
}

/** Everything needed to go on from between two supersteps; plain JSON. */
export interface WorkflowCheckpoint extends CheckpointHead {
  /** The checkpoint whose state `state` changes; `null` where `state` is whole. */
  readonly baseId: string | null;
  /** The encoded state: whole, or the changes to the base's. */
  readonly state: JsonValue;
}

/** The head of a checkpoint: what it is without its state. */
export function checkpointHead(checkpoint: WorkflowCheckpoint): CheckpointHead {
  const { id, parentId, threadId, branchId, runId, workflowName } = checkpoint;
  const { graphSignature, superstep, runState, createdAt, version } = checkpoint;
  return {
    id,
    parentId,
    threadId,
    branchId,
    runId,
    workflowName,
    graphSignature,
    superstep,
    runState,
    createdAt,
    version,
  };
}
