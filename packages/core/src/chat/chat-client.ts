import { type Message } from '../messages/message.ts';
import { type ChatResponseUpdate } from '../messages/response-update.ts';
import { type ChatOptions } from './chat-options.ts';

/**
 * Talks to a model; the one interface a provider implements.
 *
 * `stream` sends one request and yields the answer as it comes. It does not call tools and keeps nothing between
 * calls. Failures are `ChatClientError`s; when `options.signal` aborts it rejects with the signal's reason.
 */
export interface ChatClient {
  /** Name of the model, where the client has one. */
  readonly model?: string | undefined;
  stream(messages: readonly Message[], options?: ChatOptions): AsyncIterable<ChatResponseUpdate>;
}
