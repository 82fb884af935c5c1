/** Decides whether a message goes along an edge; may be asynchronous. What it throws fails the run. */
export type EdgePredicate = (message: never) => boolean | Promise<boolean>;

/** Names the targets of a message, a subset of `targets`; may be asynchronous. What it throws fails the run. */
export type TargetSelector = (
  message: never,
  targets: readonly string[],
) => readonly string[] | Promise<readonly string[]>;

/** One case of a switch. */
export interface SwitchCase {
  readonly when: EdgePredicate;
  readonly target: string;
}

/** One source, one target, perhaps a condition. */
export interface SingleEdge {
  readonly kind: 'single';
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly when?: EdgePredicate;
}

/** One source, every target. */
export interface FanOutEdges {
  readonly kind: 'fanOut';
  readonly id: string;
  readonly source: string;
  readonly targets: readonly string[];
}

/** One source, the targets that `select` names, in the order it names them. */
export interface MultiSelectionEdges {
  readonly kind: 'multiSelection';
  readonly id: string;
  readonly source: string;
  readonly targets: readonly string[];
  readonly select: TargetSelector;
}

/** One source, the target of the first case that holds, else the default. */
export interface SwitchCaseEdges {
  readonly kind: 'switchCase';
  readonly id: string;
  readonly source: string;
  readonly cases: readonly SwitchCase[];
  readonly defaultTarget: string;
}

/** Holds messages until every source has sent, then delivers all of them as one list. */
export interface FanInEdges {
  readonly kind: 'fanIn';
  readonly id: string;
  readonly sources: readonly string[];
  readonly target: string;
}

/** Edges that act together. */
export type EdgeGroup =
  | SingleEdge
  | FanOutEdges
  | MultiSelectionEdges
  | SwitchCaseEdges
  | FanInEdges;

/** The executors whose messages a group carries, in declared order. */
export function sourcesOf(group: EdgeGroup): readonly string[] {
  return group.kind === 'fanIn' ? group.sources : [group.source];
}

/** The executors a group may deliver to, in declared order. */
export function targetsOf(group: EdgeGroup): readonly string[] {
  switch (group.kind) {
    case 'single':
    case 'fanIn':
      return [group.target];
    case 'fanOut':
    case 'multiSelection':
      return group.targets;
    case 'switchCase':
      return [...group.cases.map(({ target }) => target), group.defaultTarget];
  }
}
