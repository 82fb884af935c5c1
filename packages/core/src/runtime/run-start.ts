import { type AcceptedAnswer } from '../requests/answers.ts';
import type { CheckpointChoice } from './restore.ts';

/** What a run begins with. */
export type RunStart =
  /** A new input; what waits for answers goes on waiting. */
  | { readonly kind: 'input'; readonly input: unknown }
  /** Answers to requests of the instance, which have been validated; none to go on as it stands. */
  | { readonly kind: 'answers'; readonly accepted: readonly AcceptedAnswer[] }
  | CheckpointStart;

/** A stored checkpoint, and answers to its requests. */
export interface CheckpointStart {
  readonly kind: 'checkpoint';
  readonly choice: CheckpointChoice;
  /** By request id; `undefined` for none. */
  readonly responses: unknown;
}
