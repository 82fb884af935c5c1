import { ColloquyError } from './colloquy-error.ts';

/** What went wrong with a model call, and whether the same call may succeed later. */
export type ChatClientErrorCode =
  | 'chat-client/missing-api-key'
  | 'chat-client/authentication'
  | 'chat-client/invalid-request'
  | 'chat-client/invalid-response'
  | 'chat-client/content-filter'
  | 'chat-client/rate-limit'
  | 'chat-client/server'
  | 'chat-client/connection'
  | 'chat-client/timeout'
  | 'chat-client/interrupted'
  | 'chat-client/script';

/** The details of a failed model call. */
export interface ChatClientErrorOptions {
  readonly code: ChatClientErrorCode;
  /** Whether the same request may succeed when sent again later. */
  readonly retryable: boolean;
  /** HTTP status, where the service answered. */
  readonly status?: number | undefined;
  /** How long the service asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** The service's id of the request, for its support. */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/** A model call failed: the transport, the service, or an answer that cannot be understood. */
export class ChatClientError extends ColloquyError {
  static override readonly errorName: string = 'ChatClientError';

  /** Whether the same request may succeed when sent again later. */
  readonly retryable: boolean;
  /** HTTP status, where the service answered. */
  readonly status: number | undefined;
  /** How long the service asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The service's id of the request, for its support. */
  readonly requestId: string | undefined;

  constructor(message: string, options: ChatClientErrorOptions) {
    super(message, options);
    this.retryable = options.retryable;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.requestId = options.requestId;
  }
}
