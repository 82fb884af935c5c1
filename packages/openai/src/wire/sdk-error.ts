import { ChatClientError, type ChatClientErrorCode } from '@colloquy/core';
import { APIConnectionError, APIConnectionTimeoutError, OpenAIError } from 'openai';
import { filledStringAt, isRecord, numberAt } from './json-fields.ts';
import { interruptedError, responseError } from './stream-error.ts';

/** What a service says about a failure, in an error body, an event, or a failed response. */
export interface ServiceFailure {
  readonly message: string;
  readonly status: number | undefined;
  /** The service's own codes and types of errors, as far as it gave any. */
  readonly labels: readonly string[];
}

interface Verdict {
  readonly code: ChatClientErrorCode;
  readonly retryable: boolean;
}

/** Where and when a call failed. */
export interface FailureSite {
  /** Such as `"gpt-5-mini" at https://api.openai.com/v1`. */
  readonly target: string;
  readonly requestId: string | undefined;
  /** Whether the answer had begun. */
  readonly streaming: boolean;
}

const REMEDIES: Partial<Record<ChatClientErrorCode, string>> = {
  'chat-client/authentication':
    'Check the apiKey option or OPENAI_API_KEY, and that the key may use this model.',
  'chat-client/invalid-request':
    'Change the messages, the tools or the options; the same request fails again.',
  'chat-client/rate-limit': 'Wait for retryAfterMs, send fewer requests, or raise maxRetries.',
  'chat-client/server': 'Send the request again later, or raise maxRetries.',
  'chat-client/connection': 'Check the network and the baseURL option or OPENAI_BASE_URL.',
  'chat-client/timeout': 'Raise timeoutMs, or shorten the request.',
  'chat-client/content-filter': 'Change the messages; the service refuses their content.',
};

/**
 * Turns what the SDK throws into the typed error of a failed call.
 *
 * `instanceof` is backed by the shape of the error, because a caller's own client may come from another copy of the SDK.
 */
export function toChatClientError(error: unknown, site: FailureSite): ChatClientError {
  if (ChatClientError.isInstance(error)) return error;
  return site.streaming ? errorInAnswer(error, site) : errorBeforeAnswer(error, site);
}

/** Builds the typed error for what a service reported. */
export function serviceError(
  failure: ServiceFailure,
  site: FailureSite,
  details: { readonly headers?: unknown; readonly cause?: unknown } = {},
): ChatClientError {
  const { code, retryable } = verdictOf(failure);
  const shouldRetry = headerOf(details.headers, 'x-should-retry');
  return new ChatClientError(describe(site, failure.message, code), {
    code,
    retryable: shouldRetry === undefined ? retryable : shouldRetry === 'true',
    status: failure.status,
    retryAfterMs: retryAfterOf(details.headers),
    requestId: site.requestId,
    cause: details.cause,
  });
}

function errorBeforeAnswer(error: unknown, site: FailureSite): ChatClientError {
  const fields = fieldsOf(error);
  if (numberAt(fields, 'status') !== undefined) return reportedError(error, fields, site);
  const verdict = transportVerdictOf(error);
  return new ChatClientError(describe(site, messageOf(error), verdict.code), {
    ...verdict,
    requestId: site.requestId,
    cause: error,
  });
}

function errorInAnswer(error: unknown, site: FailureSite): ChatClientError {
  const { requestId } = site;
  if (error instanceof SyntaxError) {
    return responseError(
      `Expected every event of the answer of ${site.target} to be JSON, got one that is not: ${error.message}`,
      { requestId, retryable: true, cause: error },
    );
  }
  const fields = fieldsOf(error);
  if (fields['error'] !== undefined) return reportedError(error, fields, site);
  return interruptedError(`the connection to ${site.target} failed: ${messageOf(error)}`, {
    requestId,
    cause: error,
  });
}

function reportedError(
  error: unknown,
  fields: Record<string, unknown>,
  site: FailureSite,
): ChatClientError {
  const requestId = site.requestId ?? filledStringAt(fields, 'requestID');
  const failure = {
    message: messageOf(error),
    status: numberAt(fields, 'status') ?? statusInCode(fields),
    labels: labelsOf(fields),
  };
  return serviceError(
    failure,
    { ...site, requestId },
    { headers: fields['headers'], cause: error },
  );
}

/** Gateways report a failure within a stream with the status as its code. */
function statusInCode(fields: Record<string, unknown>): number | undefined {
  const code = numberAt(fields, 'code') ?? 0;
  return code >= 400 && code < 600 ? code : undefined;
}

/** The codes and types a service gave, from the fields of its error. */
export function labelsOf(fields: Record<string, unknown>): string[] {
  return ['code', 'type']
    .map((key) => filledStringAt(fields, key))
    .filter((label) => label !== undefined);
}

function verdictOf({ status, labels }: ServiceFailure): Verdict {
  return verdictOfLabels(labels) ?? verdictOfStatus(status, labels);
}

function verdictOfLabels(labels: readonly string[]): Verdict | undefined {
  const text = labels.join(' ');
  if (/content_filter|content_policy|policy_violation|bio_policy/.test(text)) {
    return { code: 'chat-client/content-filter', retryable: false };
  }
  // The money is gone, not the patience: waiting does not help, although the status says so.
  if (/insufficient_quota|billing/.test(text)) {
    return { code: 'chat-client/rate-limit', retryable: false };
  }
  return undefined;
}

function verdictOfStatus(status: number | undefined, labels: readonly string[]): Verdict {
  if (status === undefined) return verdictWithoutStatus(labels.join(' '));
  if (status === 401 || status === 403) {
    return { code: 'chat-client/authentication', retryable: false };
  }
  if (status === 408) return { code: 'chat-client/timeout', retryable: true };
  if (status === 429) return { code: 'chat-client/rate-limit', retryable: true };
  if (status === 409 || status >= 500) return { code: 'chat-client/server', retryable: true };
  return { code: 'chat-client/invalid-request', retryable: false };
}

function verdictWithoutStatus(text: string): Verdict {
  if (/rate_limit/.test(text)) return { code: 'chat-client/rate-limit', retryable: true };
  if (/authentication|permission|api_key/.test(text)) {
    return { code: 'chat-client/authentication', retryable: false };
  }
  if (/invalid|unsupported|context_length|image|not_found|mismatch/.test(text)) {
    return { code: 'chat-client/invalid-request', retryable: false };
  }
  return { code: 'chat-client/server', retryable: true };
}

function transportVerdictOf(error: unknown): Verdict {
  if (isOf(APIConnectionTimeoutError, error)) {
    return { code: 'chat-client/timeout', retryable: true };
  }
  if (isOf(APIConnectionError, error)) return { code: 'chat-client/connection', retryable: true };
  // What the SDK itself refuses before it sends is about credentials, such as a failing `apiKey` function.
  if (isOf(OpenAIError, error)) return { code: 'chat-client/authentication', retryable: false };
  return { code: 'chat-client/invalid-request', retryable: false };
}

function isOf(
  errorClass: { new (...args: never[]): Error; readonly name: string },
  error: unknown,
): boolean {
  if (error instanceof errorClass) return true;
  return error instanceof Error && error.constructor.name === errorClass.name;
}

function describe(site: FailureSite, message: string, code: ChatClientErrorCode): string {
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
  return `The call of ${site.target} failed: ${sentence} ${REMEDIES[code] ?? ''}`.trimEnd();
}

function fieldsOf(error: unknown): Record<string, unknown> {
  return isRecord(error) ? error : {};
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** How long the service asks to wait, by `retry-after-ms` or `retry-after` (seconds, or a date). */
function retryAfterOf(headers: unknown): number | undefined {
  const milliseconds = Number.parseFloat(headerOf(headers, 'retry-after-ms') ?? '');
  if (!Number.isNaN(milliseconds)) return milliseconds;
  const value = headerOf(headers, 'retry-after');
  if (value === undefined) return undefined;
  const seconds = Number(value);
  const wait = Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1000;
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

function headerOf(headers: unknown, name: string): string | undefined {
  return headers instanceof Headers ? (headers.get(name) ?? undefined) : undefined;
}
