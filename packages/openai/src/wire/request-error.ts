import { ChatClientError } from '@colloquy/core';

/** An error for a request that this API cannot carry; thrown before anything is sent. */
export function requestError(message: string): ChatClientError {
  return new ChatClientError(message, { code: 'chat-client/invalid-request', retryable: false });
}
