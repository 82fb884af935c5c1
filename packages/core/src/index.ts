// The public API of @colloquy/core, grouped by folder.

export { ColloquyError, type ColloquyErrorOptions } from './errors/colloquy-error.ts';
export { ConfigurationError } from './errors/configuration-error.ts';
export {
  ChatClientError,
  type ChatClientErrorCode,
  type ChatClientErrorOptions,
} from './errors/chat-client-errors.ts';

export {
  CheckpointConflictError,
  CheckpointDecodeError,
  CheckpointEncodeError,
  CheckpointNotFoundError,
  CheckpointStoreError,
  GraphChangedError,
} from './errors/checkpoint-errors.ts';
export {
  InvalidResponseError,
  StaleRequestError,
  UnknownRequestError,
} from './errors/request-errors.ts';
export { ProgramChangedError } from './errors/program-errors.ts';

export { type Clock, systemClock } from './primitives/clock.ts';
export { type IdKind, type IdSource } from './primitives/ids.ts';
export { type JsonObject, type JsonValue } from './primitives/json.ts';

export {
  type Content,
  type DataContent,
  type ErrorContent,
  type FunctionApprovalRequestContent,
  type FunctionApprovalResponseContent,
  type FunctionCallContent,
  type FunctionResultContent,
  type ReasoningContent,
  type TextContent,
  type UriContent,
  type UsageContent,
} from './messages/content.ts';
export {
  isMessage,
  type Message,
  type MessageInput,
  type Role,
  textMessage,
  textOf,
  toMessages,
} from './messages/message.ts';
export { type AgentResponse, type ChatResponse, type FinishReason } from './messages/response.ts';
export { type AgentResponseUpdate, type ChatResponseUpdate } from './messages/response-update.ts';
export { addUsage, type Usage } from './messages/usage.ts';

export { type JsonSchema, jsonSchemaOf } from './schema/json-schema.ts';
export {
  type InputOf,
  type OutputOf,
  type SchemaIssue,
  type SchemaResult,
  type StandardSchema,
} from './schema/standard-schema.ts';

export { defineTool, type ToolDefinition } from './tools/define-tool.ts';
export { ToolArgumentsError } from './tools/tool-errors.ts';
export { type ToolContext } from './tools/tool-context.ts';
export { type FunctionTool, type ToolSpec } from './tools/tool.ts';

export { ApprovalError } from './chat/approvals.ts';
export { type ChatClient } from './chat/chat-client.ts';
export { type ChatOptions, type ModelOptions, type OutputSpec } from './chat/chat-options.ts';
export { TranscriptError, type TranscriptProblem } from './chat/transcript.ts';
export { collectChatResponse } from './chat/collect-chat-response.ts';
export { StructuredOutputError } from './chat/structured-output.ts';

export { Agent, type AgentOptions, type AgentOutputOptions } from './agents/agent.ts';
export { SessionBusyError } from './agents/agent-errors.ts';
export { type AgentLike, type AgentRunOptions, type AgentStream } from './agents/agent-like.ts';
export { AgentSession, type AgentSessionJson } from './agents/agent-session.ts';

export {
  EdgeError,
  ExecutorError,
  type ExecutorFailure,
  StreamAlreadyReadError,
  UnsupportedInputError,
  WorkflowBusyError,
  WorkflowCancelledError,
  WorkflowConvergenceError,
  WorkflowForkError,
  WorkflowNeedsResetError,
  WorkflowResetError,
} from './errors/workflow-errors.ts';
export { type ValidationIssue, WorkflowValidationError } from './errors/validation-errors.ts';

export { type Tagged, type TaggedOf, type TaggedType } from './schema/tagged.ts';

export { defineEvent, type EventType } from './events/custom-event.ts';
export { type ErrorDetails } from './events/error-details.ts';
export { eventToJson } from './events/event-to-json.ts';
export { type RunState } from './events/run-state.ts';
export {
  type AnyCustomEvent,
  type BuiltInEvent,
  type EventStamp,
  type WorkflowEvent,
} from './events/workflow-event.ts';
export { type PendingRequest } from './messages/pending-request.ts';

export { visibleMessages } from './messages/visible-messages.ts';
export { type Logger } from './primitives/logger.ts';
export { type SharedKey } from './state/shared-state.ts';

export {
  type CheckpointFilter,
  type CheckpointStore,
  type PruneOptions,
  type ResultScope,
  type SavedAnswer,
  type SavedResult,
} from './checkpoint/checkpoint-store.ts';
export { type Codec, registerCodec } from './checkpoint/codec-registry.ts';
export { matchesFilter } from './checkpoint/matches-filter.ts';
export { MemoryCheckpointStore } from './checkpoint/memory-checkpoint-store.ts';
export { selectPruned } from './checkpoint/select-pruned.ts';
export {
  CHECKPOINT_VERSION,
  type CheckpointHead,
  checkpointHead,
  type WorkflowCheckpoint,
} from './checkpoint/workflow-checkpoint.ts';

export { Executor, type ResetContext } from './graph/executor.ts';
export {
  defineExecutor,
  type ExecutorDefinition,
  type ExecutorOptions,
} from './graph/executor-definition.ts';
export { type Handler, on } from './graph/handler.ts';
export { type Matcher } from './graph/matcher.ts';
export { defineMessage, type MessageType } from './graph/message-type.ts';
export {
  defineRequest,
  type RequestDefinition,
  type RequestOf,
  type RequestType,
  type ResponseOf,
} from './graph/request-type.ts';
export {
  onResponse,
  type ResponseContext,
  type ResponseHandler,
} from './graph/response-handler.ts';
export {
  type SharedStateView,
  type StopReason,
  type WorkflowContext,
} from './graph/workflow-context.ts';
export { type WorkflowGraph } from './graph/workflow-graph.ts';

export { type Program, type ProgramContext, type StepContext } from './program/program-context.ts';

export type { Migrate, MigrationInput } from './runtime/restore.ts';
export type { CheckpointFailurePolicy } from './runtime/run-checkpoints.ts';

export {
  AgentExecutor,
  agentExecutor,
  type AgentContextMode,
  type AgentExecutorInput,
  type AgentExecutorOptions,
} from './bridges/agent-executor.ts';
export {
  AgentExecutorRequest,
  AgentExecutorReset,
  AgentExecutorResponse,
  AgentUpdate,
} from './bridges/agent-executor-protocol.ts';
export { WorkflowAgent, type WorkflowAgentOptions } from './bridges/workflow-agent.ts';
export { SubWorkflowRequest, SubWorkflowResponse } from './bridges/sub-workflow-protocol.ts';
export {
  subWorkflow,
  type SubWorkflowOptions,
  type WorkflowExecutor,
} from './bridges/workflow-executor.ts';
export {
  ToolApproval,
  type ToolApprovalAnswer,
  type ToolApprovalRequest,
} from './bridges/tool-approval.ts';

export { toDot } from './viz/dot.ts';
export { toMermaid } from './viz/mermaid.ts';

export { type WorkflowBuilderOptions, type WorkflowOptions } from './workflow/builder-options.ts';
export { defineWorkflow, type ProgramOptions } from './workflow/define-workflow.ts';
export { type ExecutorSource } from './workflow/executor-source.ts';
export { type ResumeOptions, type RunOptions } from './workflow/run-options.ts';
export { type Workflow } from './workflow/workflow.ts';
export {
  type EdgeOptions,
  type FanOutOptions,
  type SwitchBranch,
  WorkflowBuilder,
} from './workflow/workflow-builder.ts';
export { type WorkflowResult } from './workflow/workflow-result.ts';
export { type WorkflowRun } from './workflow/workflow-run.ts';
