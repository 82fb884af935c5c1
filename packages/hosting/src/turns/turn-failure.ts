import {
  ChatClientError,
  CheckpointDecodeError,
  CheckpointNotFoundError,
  CheckpointStoreError,
  ExecutorError,
  GraphChangedError,
  InvalidResponseError,
  StaleRequestError,
  UnknownRequestError,
  UnsupportedInputError,
  WorkflowConvergenceError,
} from '@colloquy/core';

import { ApiError, conflict, invalidRequest } from '../wire/api-error.ts';
import { type ResponseEnd } from '../wire/response-builder.ts';
import { PendingQuestionsError } from './pending-questions-error.ts';
import { type StopKind, TurnStopped } from './stop-cause.ts';

/** How an ended turn is told. */
export type TurnFailure = Pick<ResponseEnd, 'status' | 'error' | 'incompleteReason'>;

/**
 * How a turn that ended badly is told to the client.
 *
 * Security: messages of errors stay here, since nobody knows what they hold; the client is told where it failed, and
 * what the errors of this library say that are meant for it.
 */
export function toTurnFailure(error: unknown): TurnFailure {
  if (TurnStopped.isInstance(error)) return STOPPED[error.kind];
  if (ApiError.isInstance(error)) return failed(error.message, error.wireCode);
  if (PendingQuestionsError.isInstance(error)) return failed(error.message, 'pending_requests');
  if (UnsupportedInputError.isInstance(error)) return failed(error.message, 'unsupported_input');
  if (WorkflowConvergenceError.isInstance(error))
    return failed('The run did not come to rest within its supersteps.');
  if (!ExecutorError.isInstance(error)) return failed('The run failed.');
  const where = `The run failed in ${error.failures.map(({ executorId }) => `"${executorId}"`).join(', ')}`;
  const isOverload = error.failures.some(({ error: each }) => isRateLimit(each));
  return isOverload
    ? failed(`${where}: its model takes no more requests at present.`, 'rate_limit_exceeded')
    : failed(`${where}.`);
}

/** How a turn is told whose work was done and could not be kept. */
export function toStorageFailure(error: unknown): TurnFailure {
  if (ApiError.isInstance(error)) return failed(error.message, error.wireCode);
  return failed('The work was done, and its outcome could not be stored.', 'storage_failed');
}

const STOPPED: Readonly<Record<StopKind, TurnFailure>> = {
  disconnected: { status: 'incomplete', incompleteReason: 'interrupted' },
  shutdown: { status: 'incomplete', incompleteReason: 'interrupted' },
  tokens: { status: 'incomplete', incompleteReason: 'max_output_tokens' },
  cancelled: { status: 'cancelled' },
  timeout: failed('The run took longer than this server allows.', 'run_timeout'),
};

function failed(message: string, code = 'server_error'): TurnFailure {
  return { status: 'failed', error: { code, message } };
}

function isRateLimit(error: unknown): boolean {
  return ChatClientError.isInstance(error) && error.code === 'chat-client/rate-limit';
}

/** What a client is answered whose turn was refused before anything was done. */
export function toRefusal(error: unknown): ApiError {
  if (ApiError.isInstance(error)) return error;
  if (TurnStopped.isInstance(error))
    return unavailable('The request was given up before it began.', 'request_stopped', error);
  if (isBadAnswer(error)) return invalidRequest(error.message, 'input', 'invalid_answer');
  if (UnsupportedInputError.isInstance(error))
    return invalidRequest(error.message, 'input', 'unsupported_input');
  if (CheckpointNotFoundError.isInstance(error))
    return invalidRequest(
      'What this would go on from is no longer stored.',
      'previous_response_id',
      'checkpoint_not_found',
    );
  if (GraphChangedError.isInstance(error) || CheckpointDecodeError.isInstance(error))
    return conflict(
      'What this would go on from does not fit the present model. Begin a new conversation.',
      'checkpoint_incompatible',
    );
  if (CheckpointStoreError.isInstance(error))
    return unavailable('The store cannot be reached. Try again later.', 'store_unavailable', error);
  return new ApiError('The server failed before it began to work.', {
    status: 500,
    wireCode: 'server_error',
    cause: error,
  });
}

function isBadAnswer(error: unknown): error is Error {
  return (
    UnknownRequestError.isInstance(error) ||
    StaleRequestError.isInstance(error) ||
    InvalidResponseError.isInstance(error)
  );
}

function unavailable(message: string, wireCode: string, cause: unknown): ApiError {
  return new ApiError(message, {
    status: 503,
    wireCode,
    cause,
    headers: { 'retry-after': '1' },
  });
}
