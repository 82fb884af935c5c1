import { ColloquyError } from '@colloquy/core';

/** Nobody, or nobody who takes part, was chosen to speak. */
export class SpeakerSelectionError extends ColloquyError {
  static override readonly errorName: string = 'SpeakerSelectionError';

  /** The names that could have been chosen. */
  readonly candidates: readonly string[];

  constructor(message: string, candidates: readonly string[], cause?: unknown) {
    super(message, { code: 'group-chat/speaker-selection', cause });
    this.candidates = candidates;
  }
}
