import { ConfigurationError } from '../errors/configuration-error.ts';
import { describeValue } from '../primitives/json.ts';
import {
  type AcceptedBy,
  compileMatcher,
  describeMatcher,
  isMessageType,
  type Match,
  type MatchedBy,
  type Matcher,
  NO_MATCH,
} from './matcher.ts';
import { type WorkflowContext } from './workflow-context.ts';

/** One entry of what an executor handles; made by `on`. `TAccepted` is the type of the messages it takes. */
export interface Handler<TAccepted = unknown> {
  readonly matcher: Matcher | undefined;
  readonly match: Match;
  readonly handle: HandlerFunction;
  /** Never set: carries the type. */
  readonly '~accepted'?: TAccepted;
}

/** Runs for one message; what it returns is sent on, `undefined` is nothing. */
export type HandlerFunction = (message: never, context: never) => unknown;

/**
 * Makes a handler for the `handlers` of an `Executor` class.
 *
 * @param handler - What it returns, or resolves with, is sent on; `undefined` sends nothing.
 */
export function on<TMatcher extends Matcher>(
  matcher: TMatcher,
  handler: (message: MatchedBy<TMatcher>, context: WorkflowContext) => unknown,
): Handler<AcceptedBy<TMatcher>> {
  return createHandler(matcher, handler);
}

/**
 * A handler for one matcher.
 *
 * @throws {ConfigurationError} `executor/invalid-matcher`, `executor/invalid-handler`.
 */
export function createHandler<TAccepted>(
  matcher: Matcher,
  handle: HandlerFunction,
): Handler<TAccepted> {
  const match = compileMatcher(matcher);
  if (typeof handle === 'function') return { matcher, match, handle };
  throw new ConfigurationError(
    `Expected a function as the handler of ${describeMatcher(matcher)}, got ${describeValue(handle)}.`,
    { code: 'executor/invalid-handler' },
  );
}

/** A handler for every message. */
export function createCatchAllHandler<TAccepted>(handle: HandlerFunction): Handler<TAccepted> {
  return { matcher: undefined, match: (message) => message, handle };
}

/** A message with the handler that takes it. */
export interface MatchedHandler {
  readonly handler: Handler;
  /** The message as the handler gets it. */
  readonly value: unknown;
}

/** Finds the handler of a message: the first declared one that takes it. */
export function findHandler(
  handlers: readonly Handler[],
  message: unknown,
): MatchedHandler | undefined {
  for (const handler of handlers) {
    const value = handler.match(message);
    if (value !== NO_MATCH) return { handler, value };
  }
  return undefined;
}

/** The matchers that stand twice in a list of handlers; their second handler could never run. */
export function findRepeatedMatchers(handlers: readonly Handler[]): Matcher[] {
  const seen = new Set<unknown>();
  return handlers.flatMap(({ matcher }) => {
    if (matcher === undefined) return [];
    const key = isMessageType(matcher) ? matcher.tag : matcher;
    if (seen.has(key)) return [matcher];
    seen.add(key);
    return [];
  });
}
