import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toJsonResult } from './json-result.ts';

class Point {
  readonly x = 1;
  readonly #secret = 2;
  sum(): number {
    return this.x + this.#secret;
  }
}

const shared = { a: 1 };

function circle(): object {
  const value: { self?: object } = {};
  value.self = value;
  return value;
}

describe('toJsonResult', () => {
  it('gives JSON back as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const written: unknown = JSON.parse(JSON.stringify(value));
        expect(toJsonResult('tool', value)).toEqual(written);
      }),
    );
  });

  it.each([
    ['nothing', undefined, null],
    ['a field without a value', { a: 1, b: undefined }, { a: 1 }],
    ['a date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['an instance', new Point(), { x: 1 }],
    ['the same object twice', Array.from({ length: 2 }, () => shared), [{ a: 1 }, { a: 1 }]],
    ['what says it is nothing', { toJSON: () => undefined }, null],
  ])('tells %s as JSON', (_, value, expected) => {
    expect(toJsonResult('tool', value)).toEqual(expected);
  });

  it.each([
    ['not a number', { rate: Number.NaN }, 'NaN as the result.rate'],
    ['an infinity', [1, Infinity], 'Infinity as the result.1'],
    ['a function', () => 1, 'a function as the result'],
    ['a symbol', Symbol('x'), 'a symbol as the result'],
    ['a bigint', { id: 10n }, 'a bigint as the result.id'],
    ['a map', { index: new Map([[1, 2]]) }, 'a Map as the result.index'],
    ['bytes', new Uint8Array(2), 'a Uint8Array as the result'],
    ['a circle', circle(), 'a circle at the result.self'],
  ])('refuses %s, which JSON would lose', (_, value, expected) => {
    expect(() => toJsonResult('rates', value)).toThrow(
      `Expected "rates" to return what JSON can carry, got ${expected}.`,
    );
  });
});
