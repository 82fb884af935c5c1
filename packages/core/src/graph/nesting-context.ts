import { type WorkflowEvent } from '../events/workflow-event.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { type WorkflowContext } from './workflow-context.ts';

/** What the context of an executor that runs a sub-workflow can do beside what every context can. */
export interface NestingContext {
  /** Tells an event of the sub-workflow as one of this run, with its path. */
  readonly forwardEvent: (this: void, event: WorkflowEvent) => void;
  /** Asks on behalf of the sub-workflow, under the request's own id. */
  readonly forwardRequest: (this: void, request: PendingRequest) => void;
}

/** Claims that a context was made by the engine; one made by a test may be less. */
export function isNestingContext(
  context: WorkflowContext,
): context is WorkflowContext & NestingContext {
  return 'forwardEvent' in context && 'forwardRequest' in context;
}
