import { type ValidationIssue } from '../../errors/validation-errors.ts';
import { type WorkflowGraphParts } from '../workflow-graph.ts';
import { checkConnectivity } from './connectivity.ts';
import { checkDuplicateEdges } from './duplicate-edges.ts';
import { checkHandlers } from './handlers.ts';
import { checkTypeCompatibility } from './type-compatibility.ts';

/** Runs every rule over a graph and gathers everything that is wrong. */
export function validateGraph(graph: WorkflowGraphParts): ValidationIssue[] {
  return [
    ...checkHandlers(graph),
    ...checkDuplicateEdges(graph.edgeGroups),
    ...checkConnectivity(graph),
    ...checkTypeCompatibility(graph),
  ];
}
