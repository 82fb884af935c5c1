import { ResponseFold } from '../messages/coalesce.ts';
import { type Message } from '../messages/message.ts';
import { type ChatResponse } from '../messages/response.ts';
import { type ChatResponseUpdate } from '../messages/response-update.ts';
import { type ChatClient } from './chat-client.ts';
import { type ChatOptions } from './chat-options.ts';

/** Sends one request and waits for the whole answer: the fold of `client.stream`. */
export async function collectChatResponse(
  client: ChatClient,
  messages: readonly Message[],
  options: ChatOptions = {},
  onUpdate: (update: ChatResponseUpdate) => void = () => {},
): Promise<ChatResponse> {
  const { signal } = options;
  signal?.throwIfAborted();
  const fold = new ResponseFold();
  for await (const update of client.stream(messages, options)) {
    onUpdate(update);
    fold.add(update);
  }
  // A client that ends quietly when it is aborted must not pass off half an answer as a whole one.
  signal?.throwIfAborted();
  return fold.finish();
}
