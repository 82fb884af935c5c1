import { ConfigurationError } from '../errors/configuration-error.ts';
import { describeValue } from '../primitives/json.ts';
import { isRequestType, type RequestType } from './request-type.ts';
import { type WorkflowContext } from './workflow-context.ts';

/** The context of a response handler: it also knows which request was answered. */
export interface ResponseContext<
  TSends = unknown,
  TYields = unknown,
  TState = undefined,
> extends WorkflowContext<TSends, TYields, TState> {
  readonly requestId: string;
}

/** Runs for one answer; what it returns is sent on, `undefined` is nothing. */
export type ResponseHandlerFunction = (answer: never, request: never, context: never) => unknown;

/** One kind of answer that an executor handles; made by `onResponse`. */
export interface ResponseHandler {
  readonly requestType: RequestType;
  readonly handle: ResponseHandlerFunction;
}

/**
 * Makes an entry for the `responseHandlers` of an `Executor` class.
 *
 * @param handler - Gets the validated answer and what was asked; what it returns is sent on.
 * @throws {ConfigurationError} `executor/invalid-response-handler`.
 */
export function onResponse<TRequest, TResponse>(
  requestType: RequestType<TRequest, TResponse>,
  handler: (answer: TResponse, request: TRequest, context: ResponseContext) => unknown,
): ResponseHandler {
  return createResponseHandler(requestType, handler);
}

/** @throws {ConfigurationError} `executor/invalid-response-handler`. */
export function createResponseHandler(
  requestType: RequestType,
  handle: ResponseHandlerFunction,
): ResponseHandler {
  if (!isRequestType(requestType))
    throw invalid('a request type made with defineRequest', requestType);
  if (typeof handle !== 'function')
    throw invalid(`a function as the handler of answers to "${requestType.tag}"`, handle);
  return { requestType, handle };
}

function invalid(expected: string, got: unknown): ConfigurationError {
  return new ConfigurationError(`Expected ${expected}, got ${describeValue(got)}.`, {
    code: 'executor/invalid-response-handler',
  });
}

/** The kinds of answers that stand twice in a list of handlers; their second handler could never run. */
export function findRepeatedResponses(handlers: readonly ResponseHandler[]): string[] {
  const tags = handlers.map(({ requestType }) => requestType.tag);
  return tags.filter((tag, index) => tags.indexOf(tag) !== index);
}
