import { type WorkflowEvent } from '../events/workflow-event.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { type AskedRequest } from '../graph/executor.ts';
import { type ResponseHandler } from '../graph/response-handler.ts';
import { type WorkflowGraph } from '../graph/workflow-graph.ts';
import { type Usage } from '../messages/usage.ts';
import { type InstanceSnapshot } from './instance-snapshot.ts';

/** How a run within another is done. */
export interface NestedRunOptions {
  /** Names the run's supersteps for good. */
  readonly scope: string;
  readonly signal: AbortSignal;
  readonly runContext: unknown;
  /** Hears the events as they come; without it none are made. */
  readonly onEvent: ((event: WorkflowEvent) => void) | undefined;
}

/** What a run within another came to. */
export interface NestedRunResult {
  readonly outputs: readonly unknown[];
  readonly pendingRequests: readonly PendingRequest[];
  readonly usage: Usage;
}

/** What begins a run within another: an input, or the validated answer to a request. */
export type NestedStart =
  | { readonly input: unknown }
  | { readonly requestId: string; readonly answer: unknown };

/** A workflow as executors and agents run it; `Workflow` is one. */
export interface RunnableWorkflow<TInput = unknown> {
  readonly name: string;
  readonly graph: WorkflowGraph;
  /** Never set: carries the type. */
  readonly '~input'?: (input: TInput) => void;
  fork(): RunnableWorkflow<TInput>;
  resetForNewRun(): Promise<void>;
  /** Runs to rest; rejects as `run` does. */
  runNested(start: NestedStart, options: NestedRunOptions): Promise<NestedRunResult>;
  /** Everything that a checkpoint of the parent carries. */
  saveNested(): Promise<InstanceSnapshot>;
  /** Takes over what `saveNested` gave, decoded. Rejects with `CheckpointDecodeError`. */
  restoreNested(snapshot: unknown): Promise<void>;
  /** Who handles the answer to a request of this workflow; `path` begins at its executors. */
  findResponseHandler(
    request: AskedRequest & { readonly path: readonly string[] },
  ): ResponseHandler | undefined;
}
