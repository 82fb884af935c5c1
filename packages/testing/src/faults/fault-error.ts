import { ChatClientError, type ChatClientErrorCode } from '@colloquy/core';

/** What a client rejects with when the service fails in a way. */
export function faultError(code: ChatClientErrorCode, retryAfterMs: number): ChatClientError {
  switch (code) {
    case 'chat-client/rate-limit':
      return new ChatClientError(
        `The service answered 429: too many requests. Try again in ${retryAfterMs} ms.`,
        { code, retryable: true, status: 429, retryAfterMs },
      );
    case 'chat-client/server':
      return new ChatClientError('The service answered 503: overloaded. Try again later.', {
        code,
        retryable: true,
        status: 503,
      });
    case 'chat-client/timeout':
      return new ChatClientError('The service did not begin to answer in time. Try again.', {
        code,
        retryable: true,
      });
    default:
      return new ChatClientError('The connection broke in the middle of the answer. Try again.', {
        code,
        retryable: true,
      });
  }
}
