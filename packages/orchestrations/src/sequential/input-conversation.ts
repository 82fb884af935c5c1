import { Executor, type Handler } from '@colloquy/core';

import { type ConversationInput, inputHandlers } from '../shared/conversation-input.ts';

/** The executor's id. */
export const INPUT_CONVERSATION = 'input-conversation';

/** Makes a list of messages of whatever an orchestration was given. As Python `_InputToConversation`. */
export class InputConversation extends Executor {
  override readonly stateless = true;
  readonly handlers: readonly Handler<ConversationInput>[] = inputHandlers((messages, context) =>
    context.send(messages),
  );

  constructor() {
    super(INPUT_CONVERSATION);
  }
}
