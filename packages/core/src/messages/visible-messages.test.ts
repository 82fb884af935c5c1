import { describe, expect, it } from 'vitest';

import { type Content } from './content.ts';
import { type Message, textMessage } from './message.ts';
import { visibleMessages } from './visible-messages.ts';

const call = { type: 'function_call', callId: 'c1', name: 'look', arguments: {} } as const;

describe('visibleMessages', () => {
  it.each<[string, Content, boolean]>([
    ['text', { type: 'text', text: 'hi' }, true],
    ['an image', { type: 'data', data: 'AAAA', mediaType: 'image/png' }, true],
    ['a file elsewhere', { type: 'uri', uri: 'https://example.org/a.pdf' }, true],
    ['an empty text', { type: 'text', text: '' }, false],
    ['reasoning', { type: 'reasoning', text: 'hm' }, false],
    ['a tool call', call, false],
    ['a tool result', { type: 'function_result', callId: 'c1', result: 1 }, false],
    [
      'an approval request',
      { type: 'function_approval_request', id: 'r1', functionCall: call },
      false,
    ],
    ['an approval', { type: 'function_approval_response', id: 'r1', approved: true }, false],
    ['usage', { type: 'usage', usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 } }, false],
    ['an error', { type: 'error', message: 'oh' }, false],
  ])('tells whether %s is shown', (_what, content, isShown) => {
    const message: Message = { role: 'assistant', contents: [content] };

    expect(visibleMessages([message])).toEqual(isShown ? [message] : []);
  });

  it('leaves hidden contents out of a message with others, and keeps its id', () => {
    const text = { type: 'text', text: 'hi' } as const;
    const message: Message = { role: 'assistant', id: 'm1', contents: [call, text] };

    expect(visibleMessages([message], 'a')).toEqual([
      { role: 'assistant', id: 'm1', contents: [text], authorName: 'a' },
    ]);
  });

  it('names the author only where none is named', () => {
    const messages = [textMessage('assistant', 'one', 'Ada'), textMessage('assistant', 'two')];

    expect(visibleMessages(messages, 'a').map(({ authorName }) => authorName)).toEqual([
      'Ada',
      'a',
    ]);
  });

  it('copies, so that what the sender does later changes nothing', () => {
    const contents: Content[] = [{ type: 'text', text: 'hi' }];
    const visible = visibleMessages([{ role: 'user', contents }]);

    contents.push({ type: 'text', text: 'more' });

    expect(visible).toEqual([textMessage('user', 'hi')]);
    expect(Object.isFrozen(contents)).toBe(false);
  });
});
