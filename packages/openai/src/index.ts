// The public API of @colloquy/openai.

export {
  type ModelDefaults,
  OpenAIChatClient,
  type OpenAIChatClientOptions,
} from './openai-chat-client.ts';
export { type ChatDialect } from './chat-completions/chat-request.ts';
export { type ConnectionOptions } from './connection/create-sdk.ts';
export { type OpenAISdk } from './connection/openai-sdk.ts';
