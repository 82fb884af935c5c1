import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { describeValue } from './describe-value.ts';
import { matchName } from './participants.ts';

describe('matchName', () => {
  const names = ['data_analyst', 'Web Surfer', 'coder'];

  it.each([
    ['coder', 'coder'],
    ['CODER', 'coder'],
    ['"coder"', 'coder'],
    ['**coder**', 'coder'],
    ['coder.', 'coder'],
    ['data analyst', 'data_analyst'],
    ['data\\_analyst', 'data_analyst'],
    ['web_surfer', 'Web Surfer'],
    ['  web-surfer\n', 'Web Surfer'],
    ['nobody', undefined],
    ['cod', undefined],
    ['', undefined],
  ])('takes %j for %s', (answer, name) => {
    expect(matchName(answer, names)).toBe(name);
  });

  it('prefers the exact name', () => {
    expect(matchName('a b', ['a_b', 'a b'])).toBe('a b');
  });

  it('takes nobody where two fit', () => {
    expect(matchName('A B', ['a_b', 'a b'])).toBeUndefined();
  });

  it('answers with one of the names or nobody', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (answer, candidates) => {
        expect([...candidates, undefined]).toContain(matchName(answer, candidates));
      }),
    );
  });

  it('finds every name that it is given exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (candidates) => {
        expect(candidates.map((name) => matchName(name, candidates))).toEqual(candidates);
      }),
    );
  });
});

describe('describeValue', () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;

  it.each([
    [null, 'null'],
    [undefined, 'undefined'],
    [Number.NaN, 'number NaN'],
    ['text', 'string "text"'],
    [['a'], 'array of 1 ["a"]'],
    [circular, 'object [object Object]'],
    [function named() {}, 'function named'],
    [() => {}, 'function (anonymous)'],
    [Symbol('s'), 'symbol Symbol(s)'],
    ['x'.repeat(100), `string "${'x'.repeat(79)}…`],
  ])('says what it is', (value, text) => {
    expect(describeValue(value)).toBe(text);
  });
});
