import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type WorkflowEvent } from './workflow-event.ts';
import { eventToJson } from './event-to-json.ts';

const stamp = { runId: 'run', seq: 1, timestamp: 0 };

function outputOf(data: unknown): WorkflowEvent {
  return { type: 'output', executorId: 'a', data, ...stamp };
}

const dataOf = (data: unknown): unknown => eventToJson(outputOf(data))['data'];

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

class Point {
  readonly x = 1;
}

const hostile = {
  get value(): never {
    throw new Error('boom');
  },
};

describe('eventToJson', () => {
  it('keeps what JSON can carry', () => {
    expect(eventToJson(outputOf({ list: [1, 'two', null, true] }))).toEqual({
      type: 'output',
      executorId: 'a',
      data: { list: [1, 'two', null, true] },
      ...stamp,
    });
  });

  it.each<[string, unknown, unknown]>([
    ['a bigint', 7n, { $unserializable: 'bigint 7' }],
    ['NaN', Number.NaN, { $unserializable: 'NaN' }],
    ['a function', () => {}, { $unserializable: 'function' }],
    ['a symbol', Symbol('s'), { $unserializable: 'symbol' }],
    ['undefined in a list', [undefined], [{ $unserializable: 'undefined' }]],
    ['undefined in an object', { gone: undefined }, {}],
    ['a cycle', cyclic, { self: { $unserializable: 'cycle' } }],
    ['a map', new Map([[1, 2]]), { $unserializable: 'Map' }],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an instance', new Point(), { x: 1 }],
    [
      'an error',
      Object.assign(new Error('boom'), { stack: 'at' }),
      { name: 'Error', message: 'boom', stack: 'at' },
    ],
    ['a getter that throws', hostile, { $unserializable: 'object that cannot be read' }],
    [
      'the same object twice',
      [cyclic['none'], [stamp, stamp]],
      [{ $unserializable: 'undefined' }, [stamp, stamp]],
    ],
  ])('replaces %s', (_, data, json) => {
    expect(dataOf(data)).toEqual(json);
  });

  it('survives data that is nested deeper than the stack', () => {
    let data: unknown = 'core';
    for (let depth = 0; depth < 50_000; depth += 1) data = [data];

    expect(() => eventToJson(outputOf(data))).not.toThrow();
  });

  it('never throws, and what it gives is JSON', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      withTypedArray: true,
      withBoxedValues: true,
    });

    fc.assert(
      fc.property(anything, (data) => {
        const json = eventToJson(outputOf(data));

        expect(JSON.parse(JSON.stringify(json))).toMatchObject({ type: 'output', ...stamp });
      }),
    );
  });
});
