import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CheckpointDecodeError } from '../errors/checkpoint-errors.ts';
import { jsonLength, type JsonValue } from '../primitives/json.ts';
import { KeyLists } from './key-lists.ts';

/** Through JSON text, as a store has it. */
function throughText(value: unknown): JsonValue {
  const copy: JsonValue = JSON.parse(JSON.stringify(value));
  return copy;
}

const json = fc.jsonValue() as fc.Arbitrary<JsonValue>;

const similar = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(0, 1, 'a', null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', '0', '__proto__'), tie('value'), { maxKeys: 3 }),
  ),
})).value;

describe('lists of keys', () => {
  it.each([
    ['any', json],
    ['similar', similar],
  ])('give back a chain of %s values, whatever was packed in vain', (_, value) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(value, fc.boolean())), (values) => {
        const [written, read] = [new KeyLists(), new KeyLists()];
        for (const [each, isStored] of values) {
          written.rollback();
          const packed = throughText(written.pack(each));
          if (!isStored) continue;
          read.read(throughText(written.added));
          written.commit();
          expect(JSON.stringify(read.unpack(packed))).toBe(JSON.stringify(each));
        }
      }),
    );
  });

  it('are told once', () => {
    const keys = new KeyLists();

    const packed = keys.pack([
      { a: 1, b: [2] },
      { a: 3, b: {} },
    ]);

    expect(packed).toEqual([
      [1, 1, [0, 2]],
      [1, 3, {}],
    ]);
    expect(keys.added).toEqual([['a', 'b']]);
  });

  it('leave an object with very many keys as it is', () => {
    const table = Object.fromEntries(Array.from({ length: 200 }, (_, key) => [`k${key}`, [key]]));
    const keys = new KeyLists();

    expect(keys.pack(table)).toMatchObject({ k199: [0, 199] });
    expect(keys.added).toEqual([]);
  });

  it('N1: leave no number behind that was given in vain', () => {
    const keys = new KeyLists();
    keys.pack({ a: 1 });
    keys.commit();
    keys.pack({ a: { b: 1 } });
    keys.rollback();

    expect(keys.pack({ c: 1 })).toEqual([2, 1]);
    expect(keys.added).toEqual([['c']]);
  });

  it.each([[1], [[1]], [[[]]], [[[1]]]])('refuse lists that are none: %j', (lists) => {
    expect(() => new KeyLists().read(lists as JsonValue)).toThrow(CheckpointDecodeError);
  });

  it.each([[[1]], [[1, 2, 3]], [[2, 1]], [[-1, 1]], [nested(3000)]])(
    'refuse what was not packed: %#',
    (packed) => {
      const keys = new KeyLists();
      keys.read([['a']]);

      expect(() => keys.unpack(packed)).toThrow(CheckpointDecodeError);
    },
  );
});

function nested(depth: number): JsonValue {
  let value: JsonValue = 'x';
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

describe('jsonLength', () => {
  it('is about the length of the text', () => {
    const value = { list: ['one', 'two', { three: null }], text: 'x'.repeat(1000), is: true };

    const length = jsonLength(value);

    expect(Math.abs(length - JSON.stringify(value).length)).toBeLessThan(10);
  });
});
