import { type PendingRequest } from '../messages/pending-request.ts';

/** A message on its way, before it is known who gets it. */
export interface Envelope {
  /** The executor that sent it; the empty string for the run's input. */
  readonly sourceId: string;
  readonly message: unknown;
  /** Set where only this executor may get it. */
  readonly target?: string | undefined;
  /** Set where the message is the validated answer to this request. */
  readonly request?: PendingRequest | undefined;
}

/** The source of a run's input: no executor has this id. */
export const INPUT_SOURCE = '';
