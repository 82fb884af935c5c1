import { type PendingRequest } from '../messages/pending-request.ts';
import { type SuperstepBoundary } from './apply-superstep.ts';
import { type Envelope } from './envelope.ts';
import { type RunProgress } from './run-record.ts';
import { type EdgeBuffers } from './superstep-plan.ts';

/**
 * Everything of a workflow instance that a checkpoint carries, as values that the codecs can carry.
 *
 * The values are the instance's own, not copies: whoever keeps a snapshot encodes it before a handler runs again.
 */
export interface InstanceSnapshot {
  /** The shape of the graph it fits. */
  readonly graph: readonly string[];
  readonly threadId: string;
  readonly superstep: number;
  readonly step: number;
  readonly queue: readonly Envelope[];
  readonly edgeBuffers: EdgeBuffers;
  readonly shared: ReadonlyMap<string, unknown>;
  readonly pending: readonly PendingRequest[];
  readonly answered: readonly string[];
  /** What `onCheckpointSave` gave, by executor. */
  readonly executors: ReadonlyMap<string, unknown>;
  readonly progress: RunProgress;
}

/** The boundary that a snapshot tells of. */
export function boundaryOf(snapshot: InstanceSnapshot): SuperstepBoundary {
  const { superstep, step, queue, edgeBuffers, shared } = snapshot;
  return {
    superstep,
    step,
    queue,
    edgeBuffers,
    shared,
    pending: new Map(snapshot.pending.map((request) => [request.id, request])),
    answered: new Set(snapshot.answered),
  };
}
