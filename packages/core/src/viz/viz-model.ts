import { type EdgeGroup } from '../graph/edge-group.ts';
import { type WorkflowGraph } from '../graph/workflow-graph.ts';

/** What a picture of a workflow shows. */
export interface VizModel {
  readonly nodes: readonly VizNode[];
  readonly arrows: readonly VizArrow[];
}

/** One shape; `key` is safe in every notation and unique. */
export interface VizNode {
  readonly key: string;
  readonly label: string;
  readonly kind: 'start' | 'executor' | 'fanIn';
}

/** One arrow between two shapes; `label` is empty where nothing decides. */
export interface VizArrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/** Anything that has a graph, as a `Workflow` does. */
export interface HasGraph {
  readonly graph: WorkflowGraph;
}

/** Lists the shapes and arrows of a workflow, in declared order. */
export function createVizModel({ graph }: HasGraph): VizModel {
  const keys = new Map(Array.from(graph.executors.keys(), (id, index) => [id, `n${index}`]));
  const keyOf = (id: string): string => keys.get(id) ?? id;
  const executors = Array.from(graph.executors.keys(), (id): VizNode => ({
    key: keyOf(id),
    label: id,
    kind: id === graph.startId ? 'start' : 'executor',
  }));
  const joins = graph.edgeGroups.flatMap((group, index): VizNode[] =>
    group.kind === 'fanIn' ? [{ key: `j${index}`, label: 'fan-in', kind: 'fanIn' }] : [],
  );
  return {
    nodes: [...executors, ...joins],
    arrows: graph.edgeGroups.flatMap((group, index) => arrowsOf(group, `j${index}`, keyOf)),
  };
}

function arrowsOf(group: EdgeGroup, joinKey: string, keyOf: (id: string) => string): VizArrow[] {
  const arrow = (from: string, to: string, label: string): VizArrow => ({
    from: keyOf(from),
    to: keyOf(to),
    label,
  });
  switch (group.kind) {
    case 'single':
      return [arrow(group.source, group.target, group.when === undefined ? '' : 'when')];
    case 'fanOut':
      return group.targets.map((target) => arrow(group.source, target, ''));
    case 'multiSelection':
      return group.targets.map((target) => arrow(group.source, target, 'select'));
    case 'switchCase':
      return [
        ...group.cases.map(({ target }, index) => arrow(group.source, target, `case ${index + 1}`)),
        arrow(group.source, group.defaultTarget, 'default'),
      ];
    case 'fanIn':
      return [
        ...group.sources.map((source) => arrow(source, joinKey, '')),
        arrow(joinKey, group.target, ''),
      ];
  }
}
