import { TerminationCondition, type TerminationAnswer } from './termination-condition.ts';

/**
 * A condition that somebody outside decides; made by `external`.
 *
 * Owns whether it has been decided; the beginning of a run undoes it, and so does a reset.
 */
export class ExternalCondition extends TerminationCondition {
  #reason: string | undefined;

  /** Ends the conversation after the present turn. */
  stop(reason = 'external'): void {
    this.#reason = reason;
  }

  override check(): TerminationAnswer {
    return this.#reason;
  }

  override reset(): void {
    this.#reason = undefined;
  }

  /** One for all instances of a workflow: `stop` is for whichever is at work. */
  override fork(): TerminationCondition {
    return this;
  }

  override onCheckpointSave(): unknown {
    return this.#reason;
  }

  override onCheckpointRestore(reason: unknown): void {
    this.#reason = typeof reason === 'string' ? reason : undefined;
  }
}

/** A condition that holds once `stop()` has been called during a run, such as by a button. */
export function external(): ExternalCondition {
  return new ExternalCondition();
}
