import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Content, type FunctionCallContent } from '../messages/content.ts';
import { type Message, textMessage } from '../messages/message.ts';
import { approvalRequestFor } from './approvals.ts';
import { callsIn, toModelMessages } from './model-messages.ts';

function call(callId: string): FunctionCallContent {
  return { type: 'function_call', callId, name: 'tool', arguments: {} };
}

function result(callId: string, value: string): Content {
  return { type: 'function_result', callId, result: value };
}

describe('toModelMessages', () => {
  it('keeps what a model may see', () => {
    const messages = [textMessage('user', 'hi'), textMessage('assistant', 'hello', 'ada')];

    expect(toModelMessages(messages)).toEqual(messages);
  });

  it('puts results right behind their calls, in the order of the calls', () => {
    const messages: Message[] = [
      { role: 'assistant', contents: [call('a'), call('b')] },
      textMessage('user', 'and?'),
      { role: 'tool', contents: [result('b', 'B')] },
      { role: 'tool', contents: [result('a', 'A')] },
    ];

    expect(toModelMessages(messages)).toEqual([
      { role: 'assistant', contents: [call('a'), call('b')] },
      { role: 'tool', contents: [result('a', 'A'), result('b', 'B')] },
      textMessage('user', 'and?'),
    ]);
  });

  it('leaves out approvals, usage, errors and empty texts, and messages of nothing else', () => {
    const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
    const messages: Message[] = [
      { role: 'assistant', contents: [call('a'), approvalRequestFor(call('a'))] },
      {
        role: 'user',
        contents: [{ type: 'function_approval_response', id: 'a', approved: true }],
      },
      { role: 'tool', contents: [result('a', 'A')] },
      {
        role: 'assistant',
        contents: [
          { type: 'text', text: '' },
          { type: 'usage', usage },
          { type: 'error', message: 'no' },
        ],
      },
    ];

    expect(toModelMessages(messages)).toEqual([
      { role: 'assistant', contents: [call('a')] },
      { role: 'tool', contents: [result('a', 'A')] },
    ]);
  });

  it('pairs in order where a foreign conversation uses an id twice', () => {
    const messages: Message[] = [
      { role: 'assistant', contents: [call('a')] },
      { role: 'tool', contents: [result('a', 'first')] },
      { role: 'assistant', contents: [call('a')] },
      { role: 'tool', contents: [result('a', 'second')] },
    ];

    expect(toModelMessages(messages)).toEqual(messages);
  });

  it('mends names and ids that no service takes', () => {
    const named = (callId: string, name: string): FunctionCallContent => ({
      ...call(callId),
      name,
    });
    const messages: Message[] = [
      { role: 'user', contents: [{ type: 'text', text: 'hi' }], authorName: '' },
      {
        role: 'assistant',
        contents: [named('a', 'look up!'), named('a', 'tool'), named('', ''), named('b', 'tool')],
      },
      { role: 'tool', contents: [result('a', 'A'), result('a', 'A2'), result('b', 'B')] },
    ];

    expect(toModelMessages(messages)).toEqual([
      textMessage('user', 'hi'),
      {
        role: 'assistant',
        contents: [
          named('a', 'look_up_'),
          named('a_2', 'tool'),
          named('call', 'unnamed'),
          named('b', 'tool'),
        ],
      },
      {
        role: 'tool',
        contents: [
          result('a', 'A'),
          result('a_2', 'A2'),
          { type: 'function_result', callId: 'call', error: 'No result of this call is known.' },
          result('b', 'B'),
        ],
      },
    ]);
  });

  it('leaves out reasoning, data and addresses that are empty, and keeps what only a service reads', () => {
    const sealed: Content = { type: 'reasoning', text: '', protected: 'sealed' };
    const contents: Content[] = [
      { type: 'reasoning', text: '' },
      { type: 'data', data: '', mediaType: 'image/png' },
      { type: 'uri', uri: '' },
      sealed,
    ];

    expect(toModelMessages([{ role: 'assistant', contents }])).toEqual([
      { role: 'assistant', contents: [sealed] },
    ]);
  });

  it('lets the user bring what a tool has brought beside its result', () => {
    const image: Content = { type: 'data', data: 'AAAA', mediaType: 'image/png' };
    const calling: Message = { role: 'assistant', contents: [call('a')] };

    expect(
      toModelMessages([calling, { role: 'tool', contents: [result('a', 'A'), image] }]),
    ).toEqual([
      calling,
      { role: 'tool', contents: [result('a', 'A')] },
      { role: 'user', contents: [image] },
    ]);
  });

  it('keeps a message that needs no mending as the same object', () => {
    const messages: Message[] = [
      textMessage('user', 'hi'),
      { role: 'assistant', contents: [call('a')], authorName: 'ada' },
    ];

    const [first, second] = toModelMessages(messages);

    expect(first).toBe(messages[0]);
    expect(second).toBe(messages[1]);
  });

  it('gives every call exactly one result, whatever the conversation', () => {
    const id = fc.constantFrom('a', 'b', 'c');
    const content = fc.oneof(
      id.map(call),
      id.map((callId) => result(callId, 'x')),
      id.map((callId) => approvalRequestFor(call(callId))),
      fc.constant<Content>({ type: 'text', text: 'hi' }),
    );
    const message: fc.Arbitrary<Message> = fc.record({
      role: fc.constantFrom('user', 'assistant', 'tool'),
      contents: fc.array(content, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), (messages) => {
        const sent = toModelMessages(messages);

        const pairs = sent.flatMap((each, index) => {
          const calls = callsIn([each]).map(({ callId }) => callId);
          if (calls.length === 0) return [];
          const next = sent[index + 1]?.contents.map((other) => Reflect.get(other, 'callId'));
          return [{ calls, next }];
        });
        expect(pairs.map(({ next }) => next)).toEqual(pairs.map(({ calls }) => calls));
        const count = sent.flatMap(({ contents }) => contents).filter(isResult).length;
        expect(count).toBe(callsIn(sent).length);
      }),
    );
  });
});

function isResult({ type }: Content): boolean {
  return type === 'function_result';
}
