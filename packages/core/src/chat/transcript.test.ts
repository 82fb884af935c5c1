import { scripted, toolCall } from '@colloquy/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Agent } from '../agents/agent.ts';
import { type Content, type FunctionCallContent } from '../messages/content.ts';
import { type Message, type Role, textMessage } from '../messages/message.ts';
import { approvalRequestFor } from './approvals.ts';
import { toModelMessages } from './model-messages.ts';
import { assertTranscript, lintTranscript, TranscriptError } from './transcript.ts';

function call(callId: string, name = 'look'): FunctionCallContent {
  return { type: 'function_call', callId, name, arguments: {} };
}

function result(callId: string): Content {
  return { type: 'function_result', callId, result: 'seen' };
}

const said = (role: Role, ...contents: readonly Content[]): Message => ({ role, contents });
const text = (value: string): Content => ({ type: 'text', text: value });
const calling = said('assistant', call('a'));
const answering = said('tool', result('a'));

/** Something of every kind, as conversations from elsewhere hold it. */
const anyContent: fc.Arbitrary<Content> = fc.oneof(
  fc.constantFrom(text(''), text('hi')),
  fc
    .record({ id: fc.constantFrom('', 'a', 'b'), name: fc.constantFrom('', 'look', 'a b', 'ünï') })
    .map(({ id, name }) => call(id, name)),
  fc.constantFrom('', 'a', 'b', 'c').map(result),
  fc.constantFrom<Content>(
    { type: 'reasoning', text: '' },
    { type: 'data', data: '', mediaType: 'image/png' },
    { type: 'uri', uri: '' },
    { type: 'error', message: 'no' },
    approvalRequestFor(call('a')),
  ),
);

/** Calls are the assistant's; everything else may stand anywhere. */
const anyMessage: fc.Arbitrary<Message> = fc
  .record({
    role: fc.constantFrom<Role>('system', 'user', 'assistant', 'tool'),
    contents: fc.array(anyContent, { maxLength: 4 }),
    author: fc.constantFrom(undefined, '', 'ada'),
  })
  .map(({ role, contents: all, author }) => {
    const others = all.filter(({ type }) => type !== 'function_call');
    const contents = role === 'assistant' ? all : others;
    return author === undefined ? { role, contents } : { role, contents, authorName: author };
  });

describe('lintTranscript', () => {
  it('finds nothing in a conversation that models take', () => {
    const messages = [
      textMessage('system', 'be brief'),
      calling,
      answering,
      said('user', text('x')),
    ];

    expect(lintTranscript(messages)).toEqual([]);
  });

  it('finds nothing in what has been mended, whatever it was', () => {
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 8 }), (messages) => {
        expect(lintTranscript(toModelMessages(messages))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('mends a conversation once: a second time changes nothing', () => {
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 8 }), (messages) => {
        const mended = toModelMessages(messages);
        expect(toModelMessages(mended)).toEqual(mended);
      }),
    );
  });

  it.each<readonly [what: string, messages: readonly Message[], expected: string]>([
    ['a call without a result', [calling], 'exactly one result of a in the next message'],
    [
      'a call with two results',
      [calling, said('tool', result('a'), result('a'))],
      'exactly one result of a in the next message',
    ],
    [
      'another call’s result',
      [calling, said('tool', result('b'))],
      'exactly one result of a in the next message',
    ],
    [
      'a result that comes later',
      [calling, textMessage('user', 'hi'), answering],
      'exactly one result of a in the next message',
    ],
    [
      'two calls of one id',
      [said('assistant', call('a'), call('a'))],
      'calls with ids of their own',
    ],
    ['a result without a call', [answering], 'results only right behind the message that calls'],
    [
      'a user who calls',
      [said('user', call('a')), answering],
      'calls only in messages of the assistant',
    ],
    ['a user who answers', [said('user', result('a'))], 'results only in messages of a tool'],
    [
      'a tool that talks',
      [calling, said('tool', result('a'), text('and'))],
      'results and nothing else in a message of a tool',
    ],
    ['a message of nothing', [said('user')], 'a message that says something'],
    ['an empty text', [said('user', text(''))], 'a text whose text is not empty'],
    [
      'empty data',
      [said('user', { type: 'data', data: '', mediaType: '' })],
      'a data whose data and mediaType is not empty',
    ],
    ['an empty address', [said('user', { type: 'uri', uri: '' })], 'a uri whose uri is not empty'],
    [
      'empty reasoning',
      [said('assistant', { type: 'reasoning', text: '' })],
      'a reasoning whose text is not empty',
    ],
    [
      'a call without a name',
      [said('assistant', call('a', '')), answering],
      'a function_call whose name is not empty',
    ],
    [
      'a call of a name that no service takes',
      [said('assistant', call('a', 'look up')), answering],
      'a call whose name has 1 to 64 letters, digits, _ and -',
    ],
    [
      'an author without a name',
      [{ ...said('user', text('hi')), authorName: '' }],
      'an author with a name, or none',
    ],
    [
      'an error',
      [said('assistant', { type: 'error', message: 'no' })],
      'nothing that is not for models, as error',
    ],
  ])('finds %s', (_, messages, expected) => {
    expect(lintTranscript(messages).map((problem) => problem.expected)).toContain(expected);
  });
});

describe('assertTranscript', () => {
  it('says what is there and what has to be, as a diff', () => {
    const messages = [
      textMessage('user', 'far away'),
      textMessage('user', 'hello'),
      said('user', call('c1'), text('!')),
      textMessage('assistant', 'well', 'ada'),
    ];

    expect(() => assertTranscript('ben', messages)).toThrow(
      new TranscriptError('ben', messages, lintTranscript(messages)),
    );
    expect(() => assertTranscript('ben', messages)).toThrow(
      `The conversation of agent "ben" cannot be sent to a model:
  messages[1] user: string "hello"
- messages[2] user: calls look [c1], string "!"
+ calls only in messages of the assistant
+ exactly one result of c1 in the next message
  messages[3] assistant (ada): string "well"
Mend the input or the session that brings these messages.`,
    );
  });
});

describe('an agent', () => {
  it('refuses a conversation that it would have to guess about, before its model is asked', async () => {
    const client = scripted(['never']);
    const agent = new Agent({ name: 'ben', client });

    await expect(agent.run([said('user', call('a')), answering])).rejects.toMatchObject({
      code: 'chat/invalid-transcript',
      problems: [{ index: 0, expected: 'calls only in messages of the assistant' }],
    });
    expect(client.requests).toEqual([]);
  });

  it('mends a call under a name that no service takes, once it is answered', async () => {
    const client = scripted([toolCall('look up', {}, { callId: 'c' }), 'sorry']);

    await new Agent({ name: 'ben', client }).run('hi');

    expect(client.requests[1]?.messages).toEqual([
      textMessage('user', 'hi'),
      said('assistant', call('c', 'look_up')),
      said('tool', {
        type: 'function_result',
        callId: 'c',
        error: 'There is no tool "look up". There are no tools.',
      }),
    ]);
  });
});
