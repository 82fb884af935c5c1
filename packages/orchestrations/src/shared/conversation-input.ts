import { type Handler, type Message, on, textMessage, type WorkflowContext } from '@colloquy/core';
import { messageSchema, messagesSchema } from './guard-schema.ts';

/** What every orchestration takes: the last message is the task, earlier ones are context. */
export type ConversationInput = string | Message | readonly Message[];

/** The handlers of whoever is given the input: each kind of it as a list of messages. */
export function inputHandlers(
  handle: (messages: readonly Message[], context: WorkflowContext) => unknown,
): readonly Handler<ConversationInput>[] {
  return [
    on(String, (text, context) => handle([textMessage('user', text)], context)),
    on(messageSchema, (message, context) => handle([message], context)),
    on(messagesSchema, handle),
  ];
}
