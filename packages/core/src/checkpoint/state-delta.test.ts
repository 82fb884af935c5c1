import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CheckpointDecodeError } from '../errors/checkpoint-errors.ts';
import { type JsonValue } from '../primitives/json.ts';
import { patchJson } from './patch-json.ts';
import { Places } from './places.ts';
import { diffJson } from './state-delta.ts';

/** Through JSON text, as a store has it. */
function throughText(value: unknown): JsonValue {
  const copy: JsonValue = JSON.parse(JSON.stringify(value));
  return copy;
}

/** A writer's and a reader's side of one chain. */
class Chain {
  readonly #written = new Places();
  readonly #read = new Places();

  /** What the reader makes of the base, once the patch has gone through text. */
  carry(base: JsonValue, next: JsonValue): JsonValue {
    const patch = diffJson(base, next, this.#written);
    this.#read.read(throughText(this.#written.added));
    this.#written.commit();
    return patchJson(base, throughText(patch), this.#read);
  }
}

/** Any but those that look like references: no encoder writes such a key for anything else. */
const json = fc
  .jsonValue()
  .filter((value) => !JSON.stringify(value).includes('"$')) as fc.Arbitrary<JsonValue>;

/** Values that have much in common, so that parts of them change. */
const similar = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(0, 1, 'a', null),
    fc.nat({ max: 3 }).map((index) => ({ $r: index })),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', '$c', '0'), tie('value'), { maxKeys: 4 }),
  ),
})).value;

describe('changes', () => {
  it.each([
    ['any', json],
    ['similar', similar],
  ])(
    'turn one of %s values into the next, over a chain of them, and change neither',
    (_, value) => {
      fc.assert(
        fc.property(fc.array(value, { minLength: 2 }), (values) => {
          const chain = new Chain();
          const before = JSON.stringify(values);
          for (const [index, next] of values.slice(1).entries())
            expect(JSON.stringify(chain.carry(values[index] ?? null, next))).toBe(
              JSON.stringify(next),
            );
          expect(JSON.stringify(values)).toBe(before);
        }),
      );
    },
  );

  it('carry what is nested as deep as values may be', () => {
    let base: JsonValue = Array.from({ length: 6 }, (_, index) => ({ $r: index }));
    let next: JsonValue = base;
    for (let level = 0; level < 990; level += 1) [base, next] = [{ a: base }, { b: next }];

    const carried = new Chain().carry({ x: base }, { x: base, y: next });

    expect(JSON.stringify(carried)).toBe(JSON.stringify({ x: base, y: next }));
  });

  it('are none between equal values', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(diffJson(value, throughText(value), new Places())).toEqual({});
      }),
    );
  });

  it('tell a list that begins as another one does by where that lies', () => {
    const references = fc
      .array(fc.nat({ max: 2 }), { maxLength: 12 })
      .map((indexes) => [0, 0, 0, 0, 0, 0, ...indexes].map((index) => ({ $r: index })));
    const state = fc.dictionary(
      fc.constantFrom('a', 'b', '$c'),
      fc.oneof(references, fc.record({ list: references, x: json })),
    ) as fc.Arbitrary<JsonValue>;
    fc.assert(
      fc.property(state, state, (base, next) => {
        expect(JSON.stringify(new Chain().carry(base, next))).toBe(JSON.stringify(next));
      }),
    );
    const known = Array.from({ length: 50 }, (_, index) => ({ $r: index }));
    const places = new Places();
    const patch = diffJson({ a: { known } }, { a: { known }, b: { list: [...known, 1] } }, places);

    expect(patch).toEqual({ p3: { n: { list: { f: 2, a: 50, '+': [1] } } } });
    expect(places.added).toEqual([
      [0, 'a'],
      [1, 'known'],
      [0, 'b'],
    ]);
  });

  it('name a place by its number once it has changed before', () => {
    const places = new Places();
    diffJson({ a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 2 }] } }, places);
    places.commit();

    expect(diffJson({ a: { b: [{ c: 2 }] } }, { a: { b: [{ c: 3 }] } }, places)).toEqual({ p4: 3 });
    expect(places.added).toEqual([]);
  });

  it('L1: leave no number behind that was given in vain', () => {
    const places = new Places();
    diffJson({ a: 1 }, { a: 2 }, places);
    places.commit();
    diffJson({ x: { y: 1 } }, { x: { y: 2 } }, places);
    places.rollback();

    expect(places.numberOf(['x'])).toBe(2);
    expect(() => places.pathOf(3)).toThrow(CheckpointDecodeError);
  });

  it.each([
    ['no object', {}, []],
    ['a place by another name', {}, { 1: 1 }],
    ['a place without a number', {}, { p9: 1 }],
    ['a place that is not there', { x: 1 }, { p2: 1 }],
    ['an item that is not there', { x: [] }, { p3: 1 }],
    ['a field of a list', { x: [1] }, { p2: 1 }],
    ['a copy of no list', { x: 1 }, { p1: { f: 2, a: 0 } }],
    ['a copy of too much', { x: [1] }, { p1: { f: 1, a: 2 } }],
    ['a new object without fields', {}, { p1: { n: [] } }],
    ['a new object with a changed list in it', {}, { p1: { n: { x: { a: 0 } } } }],
    ['more of a list than there is', { x: [1] }, { p1: { a: 5 } }],
    ['a list where there is none', { x: 1 }, { p1: { a: 0 } }],
    ['something appended that is no list', { x: [1] }, { p1: { '+': 1 } }],
    ['references that are no numbers', { x: [1] }, { p1: { r: 'a' } }],
    ['a reference that is no number', { x: 1 }, { p1: ['a'] }],
    ['two references in one', { x: 1 }, { p1: [1, 2] }],
    ['fields removed of no object', { x: 1 }, { p1: { '-': ['a'] } }],
    ['fields removed that are no list', { x: {} }, { p1: { '-': 'a' } }],
    ['a field that changes every prototype', {}, { p4: 1 }],
    ['a new object that is too deep', {}, { p1: nested(1001) }],
  ])('that do not fit are refused: %s', (_, base, patch) => {
    const places = new Places();
    places.read([
      [0, 'x'],
      [1, 'y'],
      [1, 0],
      [0, '__proto__'],
    ]);

    expect(() => patchJson(base as JsonValue, patch as JsonValue, places)).toThrow(
      CheckpointDecodeError,
    );
  });

  it.each([[1], [[1]], [[[0]]], [[[0, null]]], [[['0', 'x']]], [[[7, 'x']]]])(
    'refuse places that are none: %j',
    (places) => {
      expect(() => new Places().read(places as JsonValue)).toThrow(CheckpointDecodeError);
    },
  );
});

function nested(depth: number): JsonValue {
  let value: JsonValue = { f: 1, a: 0 };
  for (let level = 0; level < depth; level += 1) value = { n: { x: value } };
  return value;
}
