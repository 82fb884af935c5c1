import { ChatClientError, type ChatClientErrorCode, ColloquyError } from '@colloquy/core';

import { type RecordedError } from './recording.ts';

/** What is kept of an error. */
export function printError(error: unknown): RecordedError {
  if (ChatClientError.isInstance(error)) {
    const { name, message, code, retryable, status, retryAfterMs } = error;
    return {
      name,
      message,
      code,
      retryable,
      ...(status === undefined ? {} : { status }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  }
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message } = error;
  return ColloquyError.isInstance(error) ? { name, message, code: error.code } : { name, message };
}

/** An error that its callers cannot tell from the one that was recorded. */
export function reviveError({ name, message, code, retryable, ...rest }: RecordedError): Error {
  if (name === 'ChatClientError' && code !== undefined) {
    // The code was one when it was recorded.
    const known = code as ChatClientErrorCode;
    return new ChatClientError(message, { ...rest, code: known, retryable: retryable ?? false });
  }
  const error = code === undefined ? new Error(message) : new ColloquyError(message, { code });
  error.name = name;
  return error;
}
