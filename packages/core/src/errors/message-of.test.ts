import { describe, expect, it } from 'vitest';

import { clauseOf, messageOf } from './message-of.ts';

describe('messageOf', () => {
  it.each([
    ['an error', new Error('boom'), 'boom'],
    ['a string', 'boom', 'boom'],
    ['undefined', undefined, 'undefined'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['an object without prototype', Object.create(null), 'something that cannot be read'],
  ])('reads %s', (_, thrown: unknown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });
});

describe('clauseOf', () => {
  it('takes off one full stop, so that the sentence around it has one', () => {
    expect([new Error('Pass a text.'), 'no stop', 'wait...'].map(clauseOf)).toEqual([
      'Pass a text',
      'no stop',
      'wait...',
    ]);
  });
});
