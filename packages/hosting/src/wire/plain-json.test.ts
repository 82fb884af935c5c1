import { describe, expect, it } from 'vitest';

import { plainJson } from './plain-json.ts';

describe('plain JSON', () => {
  it('is readable for what JSON does not know', () => {
    const value = {
      map: new Map([['a', 1]]),
      set: new Set([1, 2]),
      big: 12n,
      date: new Date(0),
      error: new TypeError('no'),
      nothing: undefined,
    };

    expect(plainJson(value)).toEqual({
      map: { a: 1 },
      set: [1, 2],
      big: '12',
      date: '1970-01-01T00:00:00.000Z',
      error: { name: 'TypeError', message: 'no' },
    });
  });

  it('never throws', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);

    expect([plainJson(undefined), plainJson(() => 1), plainJson(cycle)]).toEqual([
      null,
      null,
      '[not representable as JSON]',
    ]);
  });
});
