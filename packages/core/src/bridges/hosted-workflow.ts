import { type PendingRequest, type WorkflowEvent } from '../events/workflow-event.ts';
import { type WorkflowGraph } from '../graph/workflow-graph.ts';
import { type Usage } from '../messages/usage.ts';

/** How a run of a hosted workflow is done. */
export interface HostedRunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly runContext?: unknown;
}

/** From where it goes on, and with which answers. */
export interface HostedResumeOptions extends HostedRunOptions {
  readonly checkpointId?: string | undefined;
  readonly responses?: Readonly<Record<string, unknown>> | undefined;
}

/** What a run of a hosted workflow came to. */
export interface HostedResult {
  readonly threadId: string;
  readonly outputs: readonly unknown[];
  readonly pendingRequests: readonly PendingRequest[];
  readonly checkpointId: string | undefined;
  readonly usage: Usage;
}

/** A run whose events are read as they come. */
export interface HostedRun extends AsyncIterable<WorkflowEvent> {
  readonly result: Promise<HostedResult>;
}

/** A workflow as an agent runs it; `Workflow` is one. */
export interface HostedWorkflow {
  readonly name: string;
  readonly description: string;
  readonly graph: WorkflowGraph;
  fork(): HostedWorkflow;
  run(input: unknown, options?: HostedRunOptions): Promise<HostedResult>;
  stream(input: unknown, options?: HostedRunOptions): HostedRun;
  resume(options?: HostedResumeOptions): Promise<HostedResult>;
  streamResume(options?: HostedResumeOptions): HostedRun;
  /** Everything that is needed to go on elsewhere. */
  saveNested(): Promise<unknown>;
  /** Takes over what `saveNested` gave, decoded. */
  restoreNested(snapshot: unknown): Promise<void>;
}
