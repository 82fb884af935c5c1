import { textMessage } from '@colloquy/core';
import { describe, expect, it } from 'vitest';

import { GroupChatEvent, GroupChatReply, GroupChatRequest } from './group-chat-messages.ts';

const MESSAGES = [textMessage('user', 'Shall we?')];
const REQUEST = { participant: 'ann', round: 0, messages: MESSAGES, conversation: MESSAGES };
const EVENT = { kind: 'request_sent' as const, round: 0, participant: 'ann' };

describe('what a group chat and its participants say to each other', () => {
  it.each([
    ['a request', GroupChatRequest, REQUEST],
    ['a reply', GroupChatReply, { messages: MESSAGES }],
    ['an event', GroupChatEvent, EVENT],
  ])('is taken as it is: %s', (_what, { is, tag }, payload) => {
    expect(is({ ...payload, type: tag })).toBe(true);
  });

  it.each([
    ['a request without a participant', GroupChatRequest, { ...REQUEST, participant: undefined }],
    ['a request whose round is text', GroupChatRequest, { ...REQUEST, round: '0' }],
    ['a request whose messages are texts', GroupChatRequest, { ...REQUEST, messages: ['Hi'] }],
    ['a request with no conversation', GroupChatRequest, { ...REQUEST, conversation: undefined }],
    ['a reply with one message', GroupChatReply, { messages: MESSAGES[0] }],
    ['an event of no known kind', GroupChatEvent, { ...EVENT, kind: 'request' }],
    ['an event without a round', GroupChatEvent, { ...EVENT, round: undefined }],
  ])('is refused: %s', (_what, { is, tag }, payload) => {
    expect(is({ ...payload, type: tag })).toBe(false);
  });
});
