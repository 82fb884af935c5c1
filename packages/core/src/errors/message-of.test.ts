import { describe, expect, it } from 'vitest';

import { messageOf } from './message-of.ts';

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
