import { type CheckpointStore } from '../checkpoint/checkpoint-store.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import type { AcceptedAnswer } from '../requests/answers.ts';
import type { Migrate } from './restore.ts';
import type { FinishedPart } from './saved-result.ts';
import { type FinishedSteps, NO_STEPS } from './step-results.ts';

/** What a run begins with. */
export type RunStart =
  /** A new input; what waits for answers goes on waiting. */
  | { readonly kind: 'input'; readonly input: unknown }
  /** Answers to requests of the instance, which have been validated; none to go on as it stands. */
  | { readonly kind: 'answers'; readonly accepted: readonly AcceptedAnswer[] }
  | ResumeStart;

/** From where a run goes on, as its caller says it: nothing of it has been looked at. */
export interface ResumeStart {
  readonly kind: 'resume';
  /** Where checkpoints are looked for. */
  readonly store: CheckpointStore | undefined;
  readonly checkpointId?: string | undefined;
  readonly threadId?: string | undefined;
  /** By request id; `undefined` for none. */
  readonly responses?: unknown;
  readonly migrate?: Migrate | undefined;
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
