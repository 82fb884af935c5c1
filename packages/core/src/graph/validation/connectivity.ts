import { type ValidationIssue } from '../../errors/validation-errors.ts';
import { sourcesOf, targetsOf } from '../edge-group.ts';
import { type WorkflowGraphParts } from '../workflow-graph.ts';

/** Every executor can be reached from the start. */
export function checkConnectivity(graph: WorkflowGraphParts): ValidationIssue[] {
  const reachable = reachableFrom(graph);
  return [...graph.executors.keys()]
    .filter((id) => !reachable.has(id))
    .map((id) => ({
      code: 'unreachable-executor',
      message: `Executor "${id}" cannot be reached from the start "${graph.startId}". Add an edge to it, or take it out.`,
    }));
}

function reachableFrom({ startId, edgeGroups }: WorkflowGraphParts): Set<string> {
  const targetsBySource = new Map<string, string[]>();
  for (const group of edgeGroups) {
    for (const source of sourcesOf(group)) {
      const targets = targetsBySource.get(source) ?? [];
      targets.push(...targetsOf(group));
      targetsBySource.set(source, targets);
    }
  }
  const reached = new Set([startId]);
  // A set visits what is added while it is walked.
  for (const id of reached) for (const target of targetsBySource.get(id) ?? []) reached.add(target);
  return reached;
}
