import {
  defineEvent,
  defineMessage,
  type EventType,
  type MessageType,
  type Message,
  type Tagged,
  isMessage,
} from '@colloquy/core';
import * as z from 'zod';

const message = z.custom<Message>(isMessage);

/** What a custom executor is asked on its turn. */
export interface GroupChatRequestPayload {
  readonly participant: string;
  readonly round: number;
  /** What was said since this participant's last turn; never empty. */
  readonly messages: readonly Message[];
  /** Everything that was said. */
  readonly conversation: readonly Message[];
}

/** What a custom executor says on its turn. */
export interface GroupChatReplyPayload {
  readonly messages: readonly Message[];
}

/** What a group chat tells of a turn; one round number for its request and its reply. */
export interface GroupChatEventPayload {
  readonly kind: 'request_sent' | 'response_received';
  /** 0 for the first turn of the run. */
  readonly round: number;
  readonly participant: string;
}

/** Asks an executor that is no agent for its turn; it answers with a `GroupChatReply`. */
export const GroupChatRequest: MessageType<GroupChatRequest, [payload: GroupChatRequestPayload]> =
  defineMessage(
    'group_chat_request',
    z.object({
      participant: z.string(),
      round: z.number(),
      messages: z.array(message).readonly(),
      conversation: z.array(message).readonly(),
    }),
  );
export type GroupChatRequest = Tagged<'group_chat_request', GroupChatRequestPayload>;

/** The reply of an executor that is no agent. */
export const GroupChatReply: MessageType<GroupChatReply, [payload: GroupChatReplyPayload]> =
  defineMessage('group_chat_reply', z.object({ messages: z.array(message).readonly() }));
export type GroupChatReply = Tagged<'group_chat_reply', GroupChatReplyPayload>;

/** Tells who is asked and who has answered. */
export const GroupChatEvent: EventType<GroupChatEvent, [payload: GroupChatEventPayload]> =
  defineEvent(
    'group_chat',
    z.object({
      kind: z.enum(['request_sent', 'response_received']),
      round: z.number(),
      participant: z.string(),
    }),
  );
export type GroupChatEvent = Tagged<'group_chat', GroupChatEventPayload>;
