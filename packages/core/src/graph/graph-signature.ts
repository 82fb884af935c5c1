import { hashText } from '../primitives/hash.ts';
import { type EdgeGroup } from './edge-group.ts';
import { type WorkflowGraph } from './workflow-graph.ts';

/**
 * The shape of a graph as sorted lines, such as `executor a` and `edge a->b single`.
 *
 * Made of declared ids and the edges' kinds and ends, never of functions' texts or names, which a bundler changes.
 * Sub-workflows are told line by line behind their executor's id.
 */
export function describeGraph(graph: WorkflowGraph): string[] {
  const executors = [...graph.executors.values()].flatMap(({ id, innerLines = [] }) =>
    [`executor ${id}`].concat(innerLines.map((line) => `${id}/ ${line}`)),
  );
  const edges = graph.edgeGroups.map((group) => `edge ${group.id} ${describeEnds(group)}`);
  return [`start ${graph.startId}`, ...executors.toSorted(), ...edges.toSorted()];
}

/** Identifies the shape of a graph. */
export function graphSignature(lines: readonly string[]): string {
  return `g1_${hashText(lines.join('\n'))}`;
}

/** The shape of a graph, and what identifies it. */
export interface GraphShape {
  readonly lines: readonly string[];
  readonly signature: string;
}

const shapes = new WeakMap<WorkflowGraph, GraphShape>();

/** The shape of a graph; made once, since every checkpoint carries it. */
export function shapeOf(graph: WorkflowGraph): GraphShape {
  const known = shapes.get(graph);
  if (known !== undefined) return known;
  const lines = Object.freeze(describeGraph(graph));
  const shape = { lines, signature: graphSignature(lines) };
  shapes.set(graph, shape);
  return shape;
}

/** What was removed from one shape to the other, then what was added; one line each. */
export function compareGraphs(before: readonly string[], now: readonly string[]): string[] {
  return [
    ...before.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
}

function describeEnds(group: EdgeGroup): string {
  switch (group.kind) {
    case 'single':
      return group.when === undefined ? 'single' : 'single, with a condition';
    case 'fanOut':
      return 'fan-out';
    case 'multiSelection':
      return 'fan-out, with a selection';
    case 'switchCase':
      return 'switch';
    case 'fanIn':
      return 'fan-in';
  }
}
