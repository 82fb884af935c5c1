import { ChatClientError } from '@colloquy/core';

/** What a failing service answers; `never` and `cut` are no answers at all. */
export type WireFailure =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: object;
    }
  | { readonly kind: 'never' }
  | { readonly kind: 'cut' };

const ANSWERS: Readonly<Record<string, Labels>> = {
  'chat-client/rate-limit': [429, 'requests', 'rate_limit_exceeded'],
  'chat-client/authentication': [401, 'invalid_request_error', 'invalid_api_key'],
  'chat-client/invalid-request': [400, 'invalid_request_error', 'invalid_value'],
  'chat-client/content-filter': [400, 'invalid_request_error', 'content_filter'],
  // No status that clients try again: a script that does not fit stays so.
  'chat-client/script': [400, 'invalid_request_error', 'script'],
};

/** How a service shows what a model's client failed with. */
export function wireFailureOf(error: unknown): WireFailure {
  if (!ChatClientError.isInstance(error))
    return answer(error instanceof Error ? error.message : String(error), SERVER_ERROR);
  const { code, message, status = 500, retryAfterMs } = error;
  if (code === 'chat-client/timeout') return { kind: 'never' };
  if (code === 'chat-client/interrupted' || code === 'chat-client/connection')
    return { kind: 'cut' };
  const labels = Object.hasOwn(ANSWERS, code) ? ANSWERS[code] : undefined;
  return answer(message, labels ?? [status, 'server_error', 'server_error'], retryAfterMs);
}

type Labels = readonly [status: number, type: string, code: string];

const SERVER_ERROR: Labels = [500, 'server_error', 'server_error'];

function answer(message: string, [status, type, code]: Labels, waitMs?: number): WireFailure {
  const wait =
    waitMs === undefined
      ? undefined
      : { 'retry-after': String(Math.ceil(waitMs / 1000)), 'retry-after-ms': String(waitMs) };
  const body = { error: { message, type, code, param: null } };
  return { kind: 'answer', status, headers: wait ?? {}, body };
}
