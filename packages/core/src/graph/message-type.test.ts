import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { defineMessage } from './message-type.ts';

const Stats = defineMessage('stats', z.object({ seen: z.number().default(0) }));

describe('defineMessage', () => {
  it('makes plain objects that carry the name', () => {
    const message = Stats({ seen: 3 });

    expect(message).toEqual({ type: 'stats', seen: 3 });
    expect(Object.getPrototypeOf(message)).toBe(Object.prototype);
  });

  it('makes what the schema makes', () => {
    expect(Stats({})).toEqual({ type: 'stats', seen: 0 });
  });

  it('makes messages without payload', () => {
    expect(defineMessage('ping')()).toEqual({ type: 'ping' });
  });

  it('refuses a payload that does not fit', () => {
    expect(() => Stats({ seen: 'many' } as never)).toThrow(
      expect.objectContaining({ code: 'schema/invalid-payload' }),
    );
  });

  it('refuses a payload that is no object', () => {
    const Text = defineMessage('text', z.string());

    expect(() => Text('plain')).toThrow(/Expected a payload that fits "text".*not an object/);
  });

  it('refuses an empty name', () => {
    expect(() => defineMessage('')).toThrow(
      expect.objectContaining({ code: 'message/empty-name' }),
    );
  });

  it.each([
    ['its own', { type: 'stats', seen: 1 }, true],
    ['another name', { type: 'other', seen: 1 }, false],
    ['a payload that does not fit', { type: 'stats', seen: 'many' }, false],
    ['no object', 'stats', false],
  ])('tells %s', (_, value, isStats) => {
    expect(Stats.is(value)).toBe(isStats);
  });
});
