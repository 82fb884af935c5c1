/** Does the work of a case once and gives its result, which is checked. */
export type Run = () => Promise<unknown>;

/** A run that is ready to be measured; `undefined` where the subject cannot do the case. */
export type Prepared = Run | undefined | Promise<Run | undefined>;

/**
 * What is measured: this library, a peer, or a plain loop.
 *
 * Whatever a subject builds before it gives its run is not measured. What it leaves out it cannot do.
 */
export interface Subject {
  readonly name: string;
  /** Nodes in a row, each of which adds one to a number; the result is `length`. */
  readonly chain?: (length: number) => Prepared;
  /** Two nodes that pass a number to and fro, each adding one; the result is `supersteps`. */
  readonly loop?: (supersteps: number) => Prepared;
  /** As `loop`, with its events made and nobody reading them. */
  readonly unreadLoop?: (supersteps: number) => Prepared;
  /** As `loop`, with every event read. */
  readonly streamedLoop?: (supersteps: number) => Prepared;
  /** One node that tells `width` others, each of which waits and answers 1, and one that sums; the result is `width`. */
  readonly fanOut?: (width: number, waitMs: number) => Prepared;
  /** Four agents that speak in turn, with a model that answers at once; the result is `turns`. */
  readonly groupChat?: (turns: number) => Prepared;
  /** Makes a run of its own of a chain at each call, as many as are wanted at once. */
  readonly forks?: (length: number) => (() => Run) | Promise<() => Run>;
}
