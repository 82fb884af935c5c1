import { type PendingRequest } from '../events/workflow-event.ts';
import type { AcceptedAnswer } from '../requests/answers.ts';
import type { CheckpointChoice } from './restore.ts';
import type { FinishedPart } from './saved-result.ts';
import { type FinishedSteps, NO_STEPS } from './step-results.ts';

/** What a run begins with. */
export type RunStart =
  /** A new input; what waits for answers goes on waiting. */
  | { readonly kind: 'input'; readonly input: unknown }
  /** Answers to requests of the instance, which have been validated; none to go on as it stands. */
  | { readonly kind: 'answers'; readonly accepted: readonly AcceptedAnswer[] }
  | ResponsesStart
  | CheckpointStart;

/** Answers to requests of the instance as they came. */
export interface ResponsesStart {
  readonly kind: 'responses';
  /** By request id. */
  readonly responses: unknown;
}

/** A stored checkpoint, and answers to its requests. */
export interface CheckpointStart {
  readonly kind: 'checkpoint';
  readonly choice: CheckpointChoice;
  /** By request id; `undefined` for none. */
  readonly responses: unknown;
}

/** What has to be known of a run's beginning once the instance stands where it begins. */
export interface Begun {
  readonly finished: ReadonlyMap<string, FinishedPart>;
  readonly steps: FinishedSteps;
  readonly isSaved: boolean;
  /** Requests that waited before this run and that its caller may not have seen. */
  readonly reminders: readonly PendingRequest[];
}

/** Of a run that goes on from no unfinished superstep. */
export const NOTHING_FINISHED: Pick<Begun, 'finished' | 'steps'> = {
  finished: new Map(),
  steps: NO_STEPS,
};
