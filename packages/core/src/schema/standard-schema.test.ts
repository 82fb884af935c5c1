import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { describeIssues, isStandardSchema } from './standard-schema.ts';

describe('isStandardSchema', () => {
  it('holds for schemas, functions among them, and nothing else', () => {
    const callable = Object.assign(() => {}, { '~standard': z.string()['~standard'] });
    const values = [
      z.string(),
      callable,
      {},
      { '~standard': null },
      { '~standard': {} },
      null,
      'x',
    ];

    expect(values.map(isStandardSchema)).toEqual([true, true, false, false, false, false, false]);
  });
});

describe('describeIssues', () => {
  it('names the place of every issue', () => {
    expect(
      describeIssues([
        { message: 'expected string', path: ['cities', 0, { key: 'name' }] },
        { message: 'too few', path: [] },
        { message: 'odd' },
      ]),
    ).toBe('cities.0.name: expected string; too few; odd');
  });
});
