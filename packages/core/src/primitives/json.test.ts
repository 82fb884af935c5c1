import { describe, expect, it } from 'vitest';
import { describeValue, isRecord, tryParseJson } from './json.ts';

describe('isRecord', () => {
  it('holds for objects and not for arrays or null', () => {
    expect([{}, { a: 1 }, [], null, 'x', undefined].map(isRecord)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('tryParseJson', () => {
  it('parses JSON, and gives undefined for anything else', () => {
    expect(['{"a":[1]}', 'null', '{', ''].map(tryParseJson)).toEqual([
      { a: [1] },
      null,
      undefined,
      undefined,
    ]);
  });
});

describe('describeValue', () => {
  it('says what a value is', () => {
    expect(
      [null, undefined, 'hi', 42, { a: 1 }, [1, 2], () => 1, function named() {}].map((value) =>
        describeValue(value),
      ),
    ).toEqual([
      'null',
      'undefined',
      'string "hi"',
      'number 42',
      'object {"a":1}',
      'array of 2 [1,2]',
      'function (anonymous)',
      'function named',
    ]);
  });

  it('names the numbers that JSON does not have', () => {
    expect([Number.NaN, Infinity].map((value) => describeValue(value))).toEqual([
      'number NaN',
      'number Infinity',
    ]);
  });

  it('cuts what is long', () => {
    expect(describeValue('x'.repeat(100), 5)).toBe('string "xxxx…');
  });

  it('survives values that cannot be written', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;

    expect(describeValue(circle)).toBe('object [object Object]');
    expect(describeValue(10n)).toContain('bigint');
  });
});
