import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  commitShared,
  initialSharedValues,
  type SharedWrite,
  StagedSharedState,
} from './shared-state.ts';

const SCORES = {
  scores: {
    initial: (): readonly number[] => [],
    reduce: (current: readonly number[], written: readonly number[]) => [...current, ...written],
  },
};

const set = (key: string, value: unknown): SharedWrite => ({ kind: 'set', key, value });

describe('initialSharedValues', () => {
  it('makes the values of every instance anew', () => {
    const first = initialSharedValues(SCORES).get('scores');
    const second = initialSharedValues(SCORES).get('scores');

    expect(first).toEqual([]);
    expect(first).not.toBe(second);
  });
});

describe('StagedSharedState', () => {
  it('S1: reads own writes over what was committed', () => {
    const committed = new Map<string, unknown>([['old', 1]]);
    const staged = new StagedSharedState(committed, {});

    staged.set('old', 2);
    staged.set('own', 3);

    expect([staged.get('old'), staged.get('own'), staged.has('none')]).toEqual([2, 3, false]);
    expect(committed).toEqual(new Map([['old', 1]]));
  });

  it('S1: sees its own deletion', () => {
    const staged = new StagedSharedState(new Map([['old', 1]]), {});

    staged.delete('old');

    expect([staged.has('old'), staged.get('old')]).toEqual([false, undefined]);
  });

  it('folds its own writes of a key that has a reducer', () => {
    const staged = new StagedSharedState(new Map([['scores', [1]]]), SCORES);

    staged.set('scores', [2]);
    staged.set('scores', [3]);

    expect(staged.get('scores')).toEqual([1, 2, 3]);
  });

  it('begins a deleted key that is declared from its initial value', () => {
    const staged = new StagedSharedState(new Map([['scores', [1]]]), SCORES);

    staged.delete('scores');
    staged.set('scores', [2]);

    expect(staged.get('scores')).toEqual([2]);
  });

  it('takes keys that objects inherit for keys like any other', () => {
    const staged = new StagedSharedState(new Map(), SCORES);

    staged.set('__proto__', 1);
    staged.set('constructor', 2);

    expect([staged.get('__proto__'), staged.get('constructor'), staged.has('toString')]).toEqual([
      1,
      2,
      false,
    ]);
  });

  it('ignores writes after it was closed', () => {
    const staged = new StagedSharedState(new Map(), {});
    staged.close();

    staged.set('late', 1);

    expect([staged.writes, staged.has('late')]).toEqual([[], false]);
  });
});

describe('commitShared', () => {
  it('S2: lets the last executor win and tells of the conflict', () => {
    const commit = commitShared(new Map(), [[set('a', 1)], [set('a', 2)]], {});

    expect(commit).toEqual({ values: new Map([['a', 2]]), conflicts: ['a'] });
  });

  it('tells of no conflict where one executor writes twice', () => {
    const commit = commitShared(new Map(), [[set('a', 1), set('a', 2)], [set('b', 3)]], {});

    expect(commit).toEqual({
      values: new Map([
        ['a', 2],
        ['b', 3],
      ]),
      conflicts: [],
    });
  });

  it('tells of one conflict for a key that three executors write', () => {
    const commit = commitShared(new Map(), [[set('a', 1)], [set('a', 2)], [set('a', 3)]], {});

    expect(commit.conflicts).toEqual(['a']);
  });

  it('tells of a conflict where one executor deletes what another writes', () => {
    const commit = commitShared(new Map(), [[set('a', 1)], [{ kind: 'delete', key: 'a' }]], {});

    expect(commit).toEqual({ values: new Map(), conflicts: ['a'] });
  });

  it('joins the writes of several executors with the reducer, in their order', () => {
    const committed = new Map([['scores', [0]]]);

    const commit = commitShared(committed, [[set('scores', [1])], [set('scores', [2])]], SCORES);

    expect(commit).toEqual({ values: new Map([['scores', [0, 1, 2]]]), conflicts: [] });
  });

  it('gives the committed values themselves where nobody wrote', () => {
    const committed = new Map([['a', 1]]);

    expect(commitShared(committed, [[], []], {}).values).toBe(committed);
  });

  it('gives one executor what it saw of its own writes', () => {
    const write = fc.oneof(
      fc.record({
        kind: fc.constant('set' as const),
        key: fc.constantFrom('a', 'b'),
        value: fc.nat(),
      }),
      fc.record({ kind: fc.constant('delete' as const), key: fc.constantFrom('a', 'b') }),
    );
    const keys = { b: { initial: () => 0, reduce: (left: number, right: number) => left + right } };

    fc.assert(
      fc.property(fc.array(write), (writes) => {
        const staged = new StagedSharedState(initialSharedValues(keys), keys);
        for (const each of writes) {
          if (each.kind === 'set') staged.set(each.key, each.value);
          else staged.delete(each.key);
        }

        const { values } = commitShared(initialSharedValues(keys), [staged.writes], keys);

        expect([values.get('a'), values.get('b')]).toEqual([staged.get('a'), staged.get('b')]);
      }),
    );
  });
});
