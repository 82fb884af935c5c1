import {
  defineEvent,
  defineMessage,
  type EventType,
  type MessageType,
  type Message,
  type Tagged,
} from '@colloquy/core';

import { guardSchema, isMessageList } from '../shared/guard-schema.ts';
import { isRecord } from '../shared/is-record.ts';

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
    guardSchema(
      '{ participant, round, messages, conversation }',
      (value): value is GroupChatRequestPayload =>
        isTurn(value) && isMessageList(value['messages']) && isMessageList(value['conversation']),
    ),
  );
export type GroupChatRequest = Tagged<'group_chat_request', GroupChatRequestPayload>;

/** The reply of an executor that is no agent. */
export const GroupChatReply: MessageType<GroupChatReply, [payload: GroupChatReplyPayload]> =
  defineMessage(
    'group_chat_reply',
    guardSchema(
      '{ messages }',
      (value): value is GroupChatReplyPayload =>
        isRecord(value) && isMessageList(value['messages']),
    ),
  );
export type GroupChatReply = Tagged<'group_chat_reply', GroupChatReplyPayload>;

/** Tells who is asked and who has answered. */
export const GroupChatEvent: EventType<GroupChatEvent, [payload: GroupChatEventPayload]> =
  defineEvent(
    'group_chat',
    guardSchema(
      '{ kind, round, participant }',
      (value): value is GroupChatEventPayload =>
        isTurn(value) &&
        (value['kind'] === 'request_sent' || value['kind'] === 'response_received'),
    ),
  );
export type GroupChatEvent = Tagged<'group_chat', GroupChatEventPayload>;

/** Claims that a value says whose turn it is in which round. */
function isTurn(value: unknown): value is Record<string, unknown> {
  return (
    isRecord(value) &&
    typeof value['participant'] === 'string' &&
    typeof value['round'] === 'number'
  );
}
