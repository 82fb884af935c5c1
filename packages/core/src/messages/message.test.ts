import { describe, expect, it } from 'vitest';
import { isMessage, textMessage, textOf, textOfAll, toMessages } from './message.ts';

describe('textMessage', () => {
  it('is a message with one text', () => {
    expect(textMessage('user', 'hi')).toEqual({
      role: 'user',
      contents: [{ type: 'text', text: 'hi' }],
    });
    expect(textMessage('assistant', 'hi', 'ada')).toEqual({
      role: 'assistant',
      contents: [{ type: 'text', text: 'hi' }],
      authorName: 'ada',
    });
  });
});

describe('textOf', () => {
  it('joins texts and leaves out everything else', () => {
    expect(
      textOf({
        contents: [
          { type: 'text', text: 'a' },
          { type: 'reasoning', text: 'hm' },
          { type: 'text', text: 'b' },
        ],
      }),
    ).toBe('ab');
  });
});

describe('textOfAll', () => {
  it('makes one paragraph of each message with text', () => {
    const messages = [
      textMessage('user', 'a'),
      { role: 'tool', contents: [] } as const,
      textMessage('assistant', 'b'),
    ];

    expect(textOfAll(messages)).toBe('a\nb');
  });
});

describe('isMessage', () => {
  it('asks for a known role and typed contents', () => {
    const values = [
      textMessage('user', 'a'),
      { role: 'tool', contents: [] },
      { role: 'robot', contents: [] },
      { role: 'user', contents: ['a'] },
      { role: 'user', contents: 'a' },
      { role: 'user' },
      'a',
      null,
    ];

    expect(values.map(isMessage)).toEqual([true, true, false, false, false, false, false, false]);
  });
});

describe('toMessages', () => {
  it('makes text a user message and keeps messages', () => {
    const message = textMessage('assistant', 'b');

    expect(toMessages('a')).toEqual([textMessage('user', 'a')]);
    expect(toMessages(message)[0]).toBe(message);
    expect(toMessages(['a', message])).toEqual([textMessage('user', 'a'), message]);
    expect(toMessages([])).toEqual([]);
  });

  it('says which value is no message', () => {
    const input: unknown[] = ['a', 42];

    expect(() => Reflect.apply(toMessages, undefined, [input])).toThrow(
      expect.objectContaining({
        code: 'messages/invalid-input',
        message: expect.stringContaining('got number 42 at position 1'),
      }),
    );
  });
});
