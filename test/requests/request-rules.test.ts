import { type FunctionCallContent, type Message, textMessage } from '@colloquy/core';
import { describe, expect, it } from 'vitest';

import { callKey, problemsOfRequest, type Said } from './request-rules.ts';

const call: FunctionCallContent = {
  type: 'function_call',
  callId: 'c',
  name: 'look',
  arguments: {},
};
const calling = (authorName?: string): Message => ({
  role: 'assistant',
  contents: [call],
  ...(authorName === undefined ? {} : { authorName }),
});
const answering: Message = {
  role: 'tool',
  contents: [{ type: 'function_result', callId: 'c', result: 'seen' }],
};
const nothing: Said = { texts: new Map(), calls: new Map() };
const hello = textMessage('user', 'hello');

describe('the rules for requests', () => {
  it('find nothing in an agent’s own conversation', () => {
    const said: Said = {
      texts: new Map([['well', 1]]),
      calls: new Map([[callKey(call), new Set(['ann', 'ben'])]]),
    };
    const messages = [hello, calling('ann'), answering, textMessage('assistant', 'well', 'ann')];

    expect(problemsOfRequest({ messages, agent: 'ann' }, said)).toEqual([]);
  });

  it.each<readonly [what: string, messages: readonly Message[], said: Said, problem: string]>([
    ['a message twice', [hello, hello], nothing, 'messages[1] is there a second time'],
    [
      'contents twice',
      [hello, { ...hello, authorName: 'eve' }],
      nothing,
      'messages[1] is there a second time',
    ],
    [
      'an answer more often than it was given',
      [textMessage('assistant', 'well'), textMessage('assistant', 'well')],
      { ...nothing, texts: new Map([['well', 1]]) },
      'messages[1] repeats "well"',
    ],
    [
      'a call that somebody else is named for',
      [calling('ben'), answering],
      nothing,
      'messages[0] is a call of look by another',
    ],
    [
      'a call that somebody else has made',
      [calling(), answering],
      { ...nothing, calls: new Map([[callKey(call), new Set(['ben'])]]) },
      'messages[0] is a call of look by another',
    ],
    [
      'a call without its result',
      [calling()],
      nothing,
      'messages[0]: expected exactly one result of c in the next message',
    ],
  ])('find %s', (_, messages, said, problem) => {
    expect(problemsOfRequest({ messages, agent: 'ann' }, said)).toEqual([problem]);
  });
});
