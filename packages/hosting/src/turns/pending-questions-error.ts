import { ColloquyError, type PendingRequest } from '@colloquy/core';

/** What an earlier turn had begun asks a human, so that nothing more can be said before the answer. */
export class PendingQuestionsError extends ColloquyError {
  static override readonly errorName: string = 'PendingQuestionsError';

  readonly requests: readonly PendingRequest[];

  constructor(requests: readonly PendingRequest[]) {
    super(
      'What the earlier response had begun asks a human. Answer its calls, and then send the message again.',
      { code: 'hosting/pending-questions' },
    );
    this.requests = requests;
  }
}
