/**
 * What packages that put a workflow behind another protocol, or wrap executors, share with the core. Not for applications: what is here may
 * change with any release.
 */
export { assertTakesMessages } from '../bridges/takes-messages.ts';
export { startInputOf } from '../bridges/workflow-agent-input.ts';
export { messagesOf } from '../bridges/workflow-agent-output.ts';
export { BUILT_IN_EVENT_TYPES } from '../events/workflow-event.ts';
export { findHandler } from '../graph/handler.ts';
export { isNestingContext } from '../graph/nesting-context.ts';
export { consoleLogger } from '../primitives/logger.ts';
