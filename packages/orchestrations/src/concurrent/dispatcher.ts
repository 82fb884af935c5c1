import { Executor, type Handler } from '@colloquy/core';

import { type ConversationInput, inputHandlers } from '../shared/conversation-input.ts';

/** Gives everybody the same input. */
export class Dispatcher extends Executor {
  override readonly stateless = true;
  readonly handlers: readonly Handler<ConversationInput>[] = inputHandlers((messages, context) =>
    context.send(messages),
  );

  constructor() {
    super('dispatcher');
  }
}
