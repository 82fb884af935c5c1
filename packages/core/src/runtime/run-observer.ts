import { type WorkflowEvent } from '../events/workflow-event.ts';

/** Hears one run from its beginning to its end, whether or not its caller reads the events. */
export interface RunObserver {
  readonly onEvent: (event: WorkflowEvent) => void;
  /** After the last event; also where the run failed or was cancelled. */
  readonly onEnd: () => void;
  /** After `onEnd`, with what the caller gets; not where the run failed or was cancelled. */
  readonly onResult: (result: unknown) => void;
}

let makeObserver: (() => RunObserver) | undefined;

/** Has every run of this process observed; only tests do, to check the traces of a whole suite. */
export function setRunObserver(make: (() => RunObserver) | undefined): void {
  makeObserver = make;
}

/** An observer for a run that begins, if there is to be one. */
export function runObserver(): RunObserver | undefined {
  return makeObserver?.();
}
