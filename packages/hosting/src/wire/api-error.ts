import { ColloquyError } from '@colloquy/core';

/** How a refusal is told. */
export interface ApiErrorOptions {
  readonly status: 400 | 401 | 404 | 409 | 413 | 415 | 429 | 500 | 501 | 503;
  /** Machine-readable, as OpenAI's error codes are. */
  readonly wireCode: string;
  /** Which field of the request is meant, such as `input[0].content`. */
  readonly param?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** The body of an answer that is an error, in OpenAI's shape. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}

/** A request is refused before any work was begun for it. The message goes to the client. */
export class ApiError extends ColloquyError {
  static override readonly errorName: string = 'ApiError';

  readonly status: ApiErrorOptions['status'];
  readonly wireCode: string;
  readonly param: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(message: string, options: ApiErrorOptions) {
    super(message, { code: 'hosting/refused', cause: options.cause });
    this.status = options.status;
    this.wireCode = options.wireCode;
    this.param = options.param;
    this.headers = options.headers ?? {};
  }

  /** The answer to the client. */
  toResponse(): Response {
    const body: ErrorBody = {
      error: {
        message: this.message,
        type: errorType(this.status),
        param: this.param ?? null,
        code: this.wireCode,
      },
    };
    return Response.json(body, { status: this.status, headers: this.headers });
  }
}

function errorType(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

/** A field of the request is not what it must be. */
export function invalidRequest(
  message: string,
  param?: string,
  wireCode = 'invalid_value',
): ApiError {
  return new ApiError(message, { status: 400, wireCode, param });
}

/** JSON is nested deeper than what works on it could follow. */
export function tooNested(maxDepth: number, param?: string): ApiError {
  return invalidRequest(`Expected JSON nested at most ${maxDepth} deep.`, param, 'too_nested');
}

/** There is no such thing, or it is not the caller's; which of the two is not told. */
export function notFound(what: string, id: string, param?: string): ApiError {
  return new ApiError(`No ${what} with id ${JSON.stringify(id.slice(0, 200))} was found.`, {
    status: 404,
    wireCode: `${what.replaceAll(' ', '_')}_not_found`,
    param,
  });
}

/** A conflict that trying again at once would only meet again; the official client would retry a bare 409. */
export function conflict(message: string, wireCode: string): ApiError {
  return new ApiError(message, { status: 409, wireCode, headers: { 'x-should-retry': 'false' } });
}
