import { type ValidationIssue } from '../../errors/validation-errors.ts';
import { type EdgeGroup, targetsOf } from '../edge-group.ts';

/** What makes two ways from one executor to another the same: neither decides anything, or one function decides both. */
interface EdgeKey {
  readonly edge: string;
  readonly decidedBy: unknown;
}

/**
 * No message takes the same edge twice.
 *
 * Differs from Python: two edges between the same executors are allowed when a condition tells them apart, because
 * each then carries messages of its own.
 */
export function checkDuplicateEdges(groups: readonly EdgeGroup[]): ValidationIssue[] {
  const seen = new Map<string, unknown[]>();
  return groups.flatMap(edgeKeysOf).flatMap(({ edge, decidedBy }) => {
    const others = seen.get(edge) ?? [];
    seen.set(edge, [...others, decidedBy]);
    if (!others.includes(decidedBy)) return [];
    return [
      {
        code: 'duplicate-edge',
        message: `The edge "${edge}" is there twice, so its messages would be delivered twice. Remove one, or give each a condition.`,
      },
    ];
  });
}

function edgeKeysOf(group: EdgeGroup): EdgeKey[] {
  switch (group.kind) {
    case 'single':
      return [{ edge: `${group.source}->${group.target}`, decidedBy: group.when }];
    case 'fanOut':
      return group.targets.map((target) => ({
        edge: `${group.source}->${target}`,
        decidedBy: undefined,
      }));
    case 'multiSelection':
      return targetsOf(group).map((target) => ({
        edge: `${group.source}->${target}`,
        decidedBy: group.select,
      }));
    case 'switchCase':
      return [];
    case 'fanIn':
      return group.sources.map((source) => ({
        edge: `${source}=>${group.target}`,
        decidedBy: undefined,
      }));
  }
}
