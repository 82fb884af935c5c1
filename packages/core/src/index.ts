// The public API of @colloquy/core, grouped by folder.

export { ColloquyError, type ColloquyErrorOptions } from './errors/colloquy-error.ts';
export { ConfigurationError } from './errors/configuration-error.ts';
export {
  ChatClientError,
  type ChatClientErrorCode,
  type ChatClientErrorOptions,
} from './errors/chat-client-errors.ts';

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

export { type ToolContext } from './tools/tool-context.ts';
export { type FunctionTool, type ToolSpec } from './tools/tool.ts';

export { type ChatClient } from './chat/chat-client.ts';
export { type ChatOptions, type ModelOptions, type OutputSpec } from './chat/chat-options.ts';

export { type AgentLike, type AgentRunOptions, type AgentStream } from './agents/agent-like.ts';
export { AgentSession, type AgentSessionJson } from './agents/agent-session.ts';
