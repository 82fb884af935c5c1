import { createVizModel, type HasGraph, type VizArrow, type VizNode } from './viz-model.ts';

/** Draws a workflow as a Mermaid flowchart; labels are escaped, conditional edges dashed. */
export function toMermaid(workflow: HasGraph): string {
  const { nodes, arrows } = createVizModel(workflow);
  return ['flowchart TD', ...nodes.map(nodeLine), ...arrows.map(arrowLine)].join('\n  ');
}

function nodeLine({ key, label, kind }: VizNode): string {
  const text = `"${escapeLabel(label)}"`;
  if (kind === 'start') return `${key}([${text}])`;
  return kind === 'fanIn' ? `${key}((${text}))` : `${key}[${text}]`;
}

function arrowLine({ from, to, label }: VizArrow): string {
  return label === '' ? `${from} --> ${to}` : `${from} -. "${escapeLabel(label)}" .-> ${to}`;
}

/** Mermaid reads `#name;` as a character, so what ends a label, or begins such a code, HTML or Markdown, is written as one. */
function escapeLabel(label: string): string {
  return label.replaceAll(/[#"<>&`\n\r]/g, (character) => `#${character.codePointAt(0)};`);
}
