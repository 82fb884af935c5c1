import { createVizModel, type HasGraph, type VizArrow, type VizNode } from './viz-model.ts';

const SHAPES: Readonly<Record<VizNode['kind'], string>> = {
  start: 'shape=box, style="rounded,filled"',
  executor: 'shape=box',
  fanIn: 'shape=ellipse',
};

/** Draws a workflow in Graphviz' DOT language; labels are escaped, conditional edges dashed. */
export function toDot(workflow: HasGraph): string {
  const { nodes, arrows } = createVizModel(workflow);
  const name = quote(workflow.graph.name);
  return (
    [`digraph ${name} {`, ...nodes.map(nodeLine), ...arrows.map(arrowLine)].join('\n  ') + '\n}'
  );
}

function nodeLine({ key, label, kind }: VizNode): string {
  return `${key} [label=${quote(label)}, ${SHAPES[kind]}];`;
}

function arrowLine({ from, to, label }: VizArrow): string {
  return label === ''
    ? `${from} -> ${to};`
    : `${from} -> ${to} [label=${quote(label)}, style=dashed];`;
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll(/\r?\n/g, '\\n')}"`;
}
