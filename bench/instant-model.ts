import { type ChatClient, type ChatOptions, type Message } from '@colloquy/core';

/** A model that answers at once with what `answer` makes of the messages it gets. */
export function instantModel(
  answer: (messages: readonly Message[], options: ChatOptions | undefined) => string = () => 'Yes.',
): ChatClient {
  return {
    async *stream(messages, options) {
      yield { contents: [{ type: 'text', text: answer(messages, options) }] };
    },
  };
}
