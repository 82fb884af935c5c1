import { type CheckpointStore } from '../checkpoint/checkpoint-store.ts';
import type { Migrate } from '../runtime/restore.ts';

/** How one run is done. */
export interface RunOptions {
  /** Cancels the run; its promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Reaches handlers and tools; never stored. */
  readonly runContext?: unknown;
  /** Where this run's checkpoints are saved and looked for; default: the workflow's store. */
  readonly checkpoints?: CheckpointStore | undefined;
}

/** From where a workflow goes on, and with which answers. */
export interface ResumeOptions extends RunOptions {
  /** Go on from this checkpoint. */
  readonly checkpointId?: string | undefined;
  /** Go on from the last checkpoint of this conversation. Without either, from where the instance stands. */
  readonly threadId?: string | undefined;
  /** Answers by request id; all are validated before any is taken. */
  readonly responses?: Readonly<Record<string, unknown>> | undefined;
  /** Makes a state that fits the graph, where that has changed since the checkpoint. */
  readonly migrate?: Migrate | undefined;
}
