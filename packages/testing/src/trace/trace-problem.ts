/** What a trace must be like; what each rule asks stands at `checkTrace`. */
export type TraceRule =
  | 'sequence'
  | 'beginning'
  | 'end'
  | 'superstep'
  | 'invocation'
  | 'request'
  | 'turn'
  | 'result';

/** Something about a trace that must not be. */
export interface TraceProblem {
  readonly rule: TraceRule;
  readonly message: string;
  /** The number of the event where it shows; absent where an event is missing. */
  readonly seq?: number;
}
