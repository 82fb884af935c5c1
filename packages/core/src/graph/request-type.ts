import { type PendingRequest } from '../messages/pending-request.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import { describeValue, isRecord } from '../primitives/json.ts';
import { type JsonSchema, jsonSchemaOf } from '../schema/json-schema.ts';
import { isStandardSchema, type StandardSchema } from '../schema/standard-schema.ts';

/** What is asked and what is answered. */
export interface RequestDefinition<TRequest, TResponse> {
  /** What the question carries. */
  readonly request: StandardSchema<unknown, TRequest>;
  /** What an answer must be; a handler gets the validated value. */
  readonly response: StandardSchema<unknown, TResponse>;
  /** JSON Schema of the answer, for schemas that cannot describe themselves. */
  readonly responseSchema?: JsonSchema | undefined;
}

/** A kind of question to the outside, such as a human. Made with `defineRequest`. */
export interface RequestType<TRequest = unknown, TResponse = unknown> {
  readonly kind: 'request';
  readonly tag: string;
  readonly request: StandardSchema<unknown, TRequest>;
  readonly response: StandardSchema<unknown, TResponse>;
  /** What an answer must look like before it is validated, as plain JSON Schema. */
  readonly responseSchema: JsonSchema;
  /** Whether a request that waits is of this kind, so that `request.data` has its type. */
  readonly is: (
    this: void,
    request: PendingRequest,
  ) => request is PendingRequest & { readonly data: TRequest };
}

/** The data of a question. */
export type RequestOf<TType> = TType extends RequestType<infer TRequest> ? TRequest : never;

/** The validated answer to a question. */
export type ResponseOf<TType> =
  TType extends RequestType<infer _TRequest, infer TResponse> ? TResponse : never;

/**
 * Defines a kind of question that executors ask with `ctx.request` and hear the answer of with `onResponse`.
 *
 * @param tag - Names the kind; it appears in events and checkpoints.
 * @throws {ConfigurationError} `request/invalid-definition`; `schema/no-json-schema` when the response's schema cannot
 * describe itself and no `responseSchema` is given.
 */
export function defineRequest<TRequest, TResponse>(
  tag: string,
  definition: RequestDefinition<TRequest, TResponse>,
): RequestType<TRequest, TResponse> {
  if (typeof tag !== 'string' || tag === '')
    throw invalid(`a non-empty string as the name of a request`, tag);
  const { request, response, responseSchema } = definition;
  if (!isStandardSchema(request))
    throw invalid(`a Standard Schema as request of "${tag}"`, request);
  if (!isStandardSchema(response))
    throw invalid(`a Standard Schema as response of "${tag}"`, response);
  return Object.freeze({
    kind: 'request',
    tag,
    request,
    response,
    responseSchema: responseSchema ?? jsonSchemaOf(response),
    // Its data was validated when it was asked.
    is: (asked: PendingRequest): asked is PendingRequest & { readonly data: TRequest } =>
      asked.type === tag,
  });
}

function invalid(expected: string, got: unknown): ConfigurationError {
  return new ConfigurationError(`Expected ${expected}, got ${describeValue(got)}.`, {
    code: 'request/invalid-definition',
  });
}

/** Claims that a value was made by `defineRequest`. */
export function isRequestType(value: unknown): value is RequestType {
  return isRecord(value) && value['kind'] === 'request' && typeof value['tag'] === 'string';
}
