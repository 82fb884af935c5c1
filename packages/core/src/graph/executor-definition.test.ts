import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { defineExecutor } from './executor-definition.ts';
import { findHandler } from './handler.ts';
import { defineMessage } from './message-type.ts';

describe('defineExecutor', () => {
  it('takes every message where it is given a function', () => {
    const { handlers } = defineExecutor('any', () => 'handled');

    expect(
      [1, null, undefined, {}].map((message) => findHandler(handlers, message)?.value),
    ).toEqual([1, null, undefined, {}]);
    expect(handlers.length).toBe(1);
  });

  it.each([
    ['an empty id', ''],
    ['no id', undefined],
    ['a number', 7],
  ])('refuses %s', (_, id) => {
    expect(() => defineExecutor(id as never)).toThrow(
      expect.objectContaining({ code: 'executor/empty-id' }),
    );
  });
});

describe('ExecutorDefinition.on', () => {
  it('returns another definition and leaves its own as it is', () => {
    const none = defineExecutor('id');

    const one = none.on(String, () => {});

    expect([none.handlers.length, one.handlers.length, one.id]).toEqual([0, 1, 'id']);
  });

  const schema = z.object({ a: z.string() });
  it.each([
    ['the same constructor', String, String],
    ['the same schema', schema, schema],
    ['a message type of the same name', defineMessage('same'), defineMessage('same')],
  ])('refuses %s twice', (_, first, second) => {
    const definition = defineExecutor('id').on(first, () => {});

    expect(() => definition.on(second, () => {})).toThrow(
      expect.objectContaining({ code: 'executor/repeated-matcher' }),
    );
  });

  it('takes two schemas of the same shape', () => {
    const definition = defineExecutor('id')
      .on(z.string(), () => {})
      .on(z.string(), () => {});

    expect(definition.handlers.length).toBe(2);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a name', 'draft'],
    ['another constructor', Date],
    ['a plain object', { type: 'draft' }],
  ])('refuses %s as what a handler takes', (_, matcher) => {
    expect(() => defineExecutor('id').on(matcher as never, () => {})).toThrow(
      expect.objectContaining({ code: 'executor/invalid-matcher' }),
    );
  });

  it('refuses a handler that is no function', () => {
    expect(() => defineExecutor('id').on(String, undefined as never)).toThrow(
      'Expected a function as the handler of string, got undefined.',
    );
  });
});

describe('ExecutorDefinition.create', () => {
  it('makes a fresh state every time', () => {
    const definition = defineExecutor('id', { state: () => ({ count: 0 }) });

    const [first, second] = [definition.create(), definition.create()];

    expect(first.state).toEqual({ count: 0 });
    expect(first.state).not.toBe(second.state);
  });

  it('makes no state where none is declared', () => {
    expect(defineExecutor('id').create().state).toBeUndefined();
  });
});
