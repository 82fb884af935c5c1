import { type RunState } from '../events/run-state.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { type StopReason } from '../graph/workflow-context.ts';
import { type Usage } from '../messages/usage.ts';

/** What a run came to. */
export interface WorkflowResult<TOutput = unknown> {
  readonly runId: string;
  /** The conversation; a reset begins another. */
  readonly threadId: string;
  readonly state: RunState;
  /** What output executors yielded, by superstep, then by the executors' declaration. */
  readonly outputs: readonly TOutput[];
  readonly intermediates: readonly unknown[];
  /** Questions that wait for an answer. */
  readonly pendingRequests: readonly PendingRequest[];
  /** The last checkpoint, where the workflow has a store. */
  readonly checkpointId: string | undefined;
  readonly stopReason: StopReason;
  /** The sum over every model call that executors reported. */
  readonly usage: Usage;
  /** How many supersteps this run took. */
  readonly supersteps: number;
}
