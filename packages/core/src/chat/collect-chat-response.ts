import { ResponseFold } from '../messages/coalesce.ts';
import { type Message } from '../messages/message.ts';
import { type ChatResponse } from '../messages/response.ts';
import { type ChatResponseUpdate } from '../messages/response-update.ts';
import { untilAborted } from '../primitives/abort.ts';
import { type ChatClient } from './chat-client.ts';
import { type ChatOptions } from './chat-options.ts';

/**
 * Sends one request and waits for the whole answer: the fold of `client.stream`.
 *
 * Rejects as soon as `options.signal` aborts, whether or not the client heeds it; one that has aborted already asks
 * nobody.
 */
export async function collectChatResponse(
  client: ChatClient,
  messages: readonly Message[],
  options: ChatOptions = {},
): Promise<ChatResponse> {
  const fold = new ResponseFold();
  for await (const update of streamChat(client, messages, options)) fold.add(update);
  return fold.finish();
}

/** The updates of one request; unlike a client's own stream it never goes on after an abort, or ends as if whole. */
export function streamChat(
  client: ChatClient,
  messages: readonly Message[],
  options: ChatOptions,
): AsyncGenerator<ChatResponseUpdate, void> {
  return untilAborted(() => client.stream(messages, options), options.signal);
}
