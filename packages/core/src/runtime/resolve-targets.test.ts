import { describe, expect, it } from 'vitest';

import { createThenable } from '../../test/deferred.ts';
import { EdgeError } from '../errors/workflow-errors.ts';
import { type EdgeGroup, type MultiSelectionEdges } from '../graph/edge-group.ts';
import { resolveTargets } from './resolve-targets.ts';

const everybody = (): boolean => true;

function selection(select: () => unknown): MultiSelectionEdges {
  // What a selection returns is the user's; anything may come where no compiler looks.
  const untyped = select as MultiSelectionEdges['select'];
  return {
    kind: 'multiSelection',
    id: 'a->[b,c]',
    source: 'a',
    targets: ['b', 'c'],
    select: untyped,
  };
}

function single(when: () => unknown): EdgeGroup {
  const untyped = when as () => boolean;
  return { kind: 'single', id: 'a->b', source: 'a', target: 'b', when: untyped };
}

const branches: EdgeGroup = {
  kind: 'switchCase',
  id: 'a->switch(b,c)',
  source: 'a',
  cases: [
    { when: (value: number) => value > 10, target: 'b' },
    { when: async (value: number) => value > 5, target: 'c' },
  ],
  defaultTarget: 'd',
};

describe('resolveTargets', () => {
  it.each([
    ['true', () => true, ['b']],
    ['false', () => false, []],
    ['a promise of true', async () => true, ['b']],
    ['a promise of false', async () => false, []],
    ["another library's promise of false", () => createThenable(false), []],
  ])('takes a condition that answers %s at its word', async (_, when, targets) => {
    expect(await resolveTargets(single(when), 'm', everybody)).toEqual(targets);
  });

  it.each([
    [11, ['b']],
    [6, ['c']],
    [1, ['d']],
  ])('sends %i along the first branch that holds', async (message, targets) => {
    expect(await resolveTargets(branches, message, everybody)).toEqual(targets);
  });

  it('delivers once to a target that is selected twice', () => {
    expect(
      resolveTargets(
        selection(() => ['c', 'b', 'c']),
        'm',
        everybody,
      ),
    ).toEqual(['c', 'b']);
  });

  it.each([
    ['an id that is no target', () => ['x']],
    ['one id instead of a list', () => 'b'],
    ['nothing', () => undefined],
    ['a list with something else', () => ['b', 7]],
  ])('refuses a selection of %s', (_, select) => {
    expect(() => resolveTargets(selection(select), 'm', everybody)).toThrow(
      /Edge "a->\[b,c\]" cannot route a message: Expected select to return a list of ids out of b, c/,
    );
  });

  it('refuses a promised selection of an id that is no target', async () => {
    const targets = resolveTargets(
      selection(async () => ['x']),
      'm',
      everybody,
    );

    await expect(targets).rejects.toThrow(EdgeError);
  });

  it('names the edge of a condition that throws, and keeps the cause', () => {
    const cause = new Error('boom');
    const ask = () =>
      resolveTargets(
        single(() => {
          throw cause;
        }),
        'm',
        everybody,
      );

    expect(ask).toThrow(
      expect.objectContaining({
        name: 'EdgeError',
        edgeId: 'a->b',
        code: 'workflow/edge-failed',
        cause,
      }),
    );
  });

  it('names the edge of a condition that rejects', async () => {
    const targets = resolveTargets(
      single(async () => {
        throw new Error('boom');
      }),
      'm',
      everybody,
    );

    await expect(targets).rejects.toMatchObject({ name: 'EdgeError', edgeId: 'a->b' });
  });

  it('asks no condition about a message that no target handles', () => {
    const ask = () =>
      resolveTargets(
        single(() => {
          throw new Error('asked');
        }),
        'm',
        () => false,
      );

    expect(ask).not.toThrow();
  });
});
