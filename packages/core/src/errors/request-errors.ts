import { ColloquyError } from './colloquy-error.ts';

/** An answer to a request that was never asked; nothing was changed. */
export class UnknownRequestError extends ColloquyError {
  static override readonly errorName: string = 'UnknownRequestError';

  readonly requestId: string;

  constructor(requestId: string, pendingIds: readonly string[]) {
    super(
      `Expected the id of a pending request, got "${requestId}", which was never asked; ${describePending(pendingIds)}. Take ids from result.pendingRequests.`,
      { code: 'request/unknown' },
    );
    this.requestId = requestId;
  }
}

/** An answer to a request that waits no more: answered before, or of a conversation or branch that was left. */
export class StaleRequestError extends ColloquyError {
  static override readonly errorName: string = 'StaleRequestError';

  readonly requestId: string;

  constructor(requestId: string, pendingIds: readonly string[]) {
    super(
      `Expected the id of a pending request, got "${requestId}", which was answered before or belongs to a conversation or branch that was left; ${describePending(pendingIds)}. Answer each request once, in its own conversation.`,
      { code: 'request/stale' },
    );
    this.requestId = requestId;
  }
}

/** Answers that cannot be taken: none at all, or one that does not fit; nothing was changed. */
export class InvalidResponseError extends ColloquyError {
  static override readonly errorName: string = 'InvalidResponseError';

  /** The requests whose answers do not fit; empty where there was no answer. */
  readonly requestIds: readonly string[];

  constructor(message: string, requestIds: readonly string[]) {
    super(message, { code: 'request/invalid-response' });
    this.requestIds = requestIds;
  }
}

function describePending(ids: readonly string[]): string {
  return ids.length === 0 ? 'nothing waits for an answer' : `these wait: ${ids.join(', ')}`;
}
