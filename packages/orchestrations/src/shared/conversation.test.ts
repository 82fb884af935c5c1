import { textMessage } from '@colloquy/core';
import { describe, expect, it } from 'vitest';

import { deepFreeze, responseOf } from './conversation.ts';

describe('deepFreeze', () => {
  it('freezes everything that a value holds', () => {
    const value = deepFreeze({ list: [{ name: 'a' }], none: null });

    expect([value, value.list, value.list[0]].map((part) => Object.isFrozen(part))).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe('responseOf', () => {
  it('has the last text, no usage and nothing to approve', () => {
    const messages = [
      textMessage('assistant', 'one'),
      textMessage('assistant', 'two'),
      { role: 'assistant', contents: [] } as const,
    ];

    expect(responseOf('a', messages)).toEqual({
      agentName: 'a',
      messages,
      text: 'two',
      usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
      value: undefined,
      approvalRequests: [],
    });
  });

  it('has no text where nothing was said', () => {
    expect(responseOf('a', []).text).toBe('');
  });
});
