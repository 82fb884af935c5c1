import {
  type Handler,
  isMessage,
  type Message,
  on,
  textMessage,
  type WorkflowContext,
} from '@colloquy/core';
import * as z from 'zod';

/** What every orchestration takes: the last message is the task, earlier ones are context. */
export type ConversationInput = string | Message | readonly Message[];

/** The handlers of whoever is given the input: each kind of it as a list of messages. */
export function inputHandlers(
  handle: (messages: readonly Message[], context: WorkflowContext) => unknown,
): readonly Handler<ConversationInput>[] {
  return [
    on(String, (text, context) => handle([textMessage('user', text)], context)),
    on(z.custom<Message>(isMessage), (message, context) => handle([message], context)),
    on(z.array(z.custom<Message>(isMessage)).readonly(), handle),
  ];
}
