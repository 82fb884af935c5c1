import { type ValidationIssue } from '../../errors/validation-errors.ts';
import { type EdgeGroup, sourcesOf, targetsOf } from '../edge-group.ts';
import { describeMatcher, isOpaque, type Matcher, mayFit } from '../matcher.ts';
import { type ExecutorNode, type WorkflowGraphParts } from '../workflow-graph.ts';

/** Along every edge something can be delivered, as far as declared types tell. */
export function checkTypeCompatibility({
  executors,
  edgeGroups,
}: WorkflowGraphParts): ValidationIssue[] {
  return edgeGroups.flatMap((group) => {
    const targets = [...new Set(targetsOf(group))].flatMap((id) => executors.get(id) ?? []);
    if (group.kind === 'fanIn') return targets.flatMap((target) => checkFanInTarget(group, target));
    const sources = sourcesOf(group).flatMap((id) => executors.get(id) ?? []);
    return sources.flatMap((source) => targets.flatMap((target) => checkEdge(source, target)));
  });
}

function checkEdge(source: ExecutorNode, target: ExecutorNode): ValidationIssue[] {
  const taken = takenBy(target);
  if (source.sends === undefined || taken === undefined) return [];
  if (source.sends.some((sent) => taken.some((matcher) => mayFit(sent, matcher)))) return [];
  return [
    {
      code: 'incompatible-types',
      message: `Nothing that "${source.id}" sends (${listOf(source.sends)}) can be handled by "${target.id}" (${listOf(taken)}). Add .on(…) to "${target.id}", or change the edge.`,
    },
  ];
}

function checkFanInTarget(group: EdgeGroup, target: ExecutorNode): ValidationIssue[] {
  const taken = takenBy(target);
  if (taken === undefined || taken.some(isOpaque)) return [];
  return [
    {
      code: 'fan-in-target-takes-no-list',
      message: `The fan-in "${group.id}" delivers a list, but "${target.id}" handles only ${listOf(taken)}. Add .on(z.array(…), handler).`,
    },
  ];
}

/** What an executor takes, or `undefined` where one of its handlers takes everything. */
function takenBy({ handlers }: ExecutorNode): readonly Matcher[] | undefined {
  const matchers = handlers.flatMap(({ matcher }) => matcher ?? []);
  return matchers.length === handlers.length ? matchers : undefined;
}

function listOf(matchers: readonly Matcher[]): string {
  return matchers.length === 0 ? 'nothing' : matchers.map(describeMatcher).join(', ');
}
