import { ChatClientError } from '@colloquy/core';

/** An error for an answer that ended before it said so. */
export function interruptedError(
  what: string,
  options: { readonly requestId: string | undefined; readonly cause?: unknown },
): ChatClientError {
  return new ChatClientError(
    `Expected the answer to run to its end, but ${what}. What came before is incomplete; send the request again.`,
    { code: 'chat-client/interrupted', retryable: true, ...options },
  );
}

/** An error for an answer that cannot be understood. */
export function responseError(
  message: string,
  options: {
    readonly requestId: string | undefined;
    readonly retryable: boolean;
    readonly cause?: unknown;
  },
): ChatClientError {
  return new ChatClientError(message, { code: 'chat-client/invalid-response', ...options });
}
