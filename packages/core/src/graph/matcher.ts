import { ConfigurationError } from '../errors/configuration-error.ts';
import { describeValue, isRecord } from '../primitives/json.ts';
import {
  isStandardSchema,
  type InputOf,
  type OutputOf,
  type StandardSchema,
} from '../schema/standard-schema.ts';
import { type TaggedOf, validateSync } from '../schema/tagged.ts';
import { type MessageType } from './message-type.ts';

/**
 * What a handler says it takes: a message type (by its tag), `String`, `Number` or `Boolean` (by `typeof`), or any
 * Standard Schema (validated at once, the handler gets the validated value).
 */
export type Matcher =
  | MessageType
  | StringConstructor
  | NumberConstructor
  | BooleanConstructor
  | StandardSchema;

/** The type of the messages a matcher takes. */
export type AcceptedBy<TMatcher> = TMatcher extends StringConstructor
  ? string
  : TMatcher extends NumberConstructor
    ? number
    : TMatcher extends BooleanConstructor
      ? boolean
      : TMatcher extends { readonly kind: 'message' }
        ? TaggedOf<TMatcher>
        : InputOf<TMatcher>;

/** The type of what a handler is given. */
export type MatchedBy<TMatcher> = TMatcher extends StandardSchema
  ? OutputOf<TMatcher>
  : AcceptedBy<TMatcher>;

/** Says that a message is not for this handler; no message is this value. */
export const NO_MATCH: unique symbol = Symbol('no match');

/** The value to hand to the handler, or `NO_MATCH`. */
export type Match = (message: unknown) => unknown;

/**
 * Turns a matcher into the function that routing calls.
 *
 * @throws {ConfigurationError} `executor/invalid-matcher`.
 */
export function compileMatcher(matcher: Matcher): Match {
  if (matcher === String) return (message) => (typeof message === 'string' ? message : NO_MATCH);
  if (matcher === Number) return (message) => (typeof message === 'number' ? message : NO_MATCH);
  if (matcher === Boolean) return (message) => (typeof message === 'boolean' ? message : NO_MATCH);
  if (isMessageType(matcher)) {
    const { tag } = matcher;
    return (message) => (isRecord(message) && message['type'] === tag ? message : NO_MATCH);
  }
  if (isStandardSchema(matcher)) {
    return (message) => {
      const result = validateSync(matcher, message, 'a handler');
      return result.issues === undefined ? result.value : NO_MATCH;
    };
  }
  throw new ConfigurationError(
    `Expected a message type, String, Number, Boolean or a Standard Schema as what a handler takes, got ${describeValue(matcher)}. Make message types with defineMessage.`,
    { code: 'executor/invalid-matcher' },
  );
}

/** Names a matcher for people: `report.request`, `string`, `zod schema`. */
export function describeMatcher(matcher: Matcher): string {
  if (matcher === String) return 'string';
  if (matcher === Number) return 'number';
  if (matcher === Boolean) return 'boolean';
  if (isMessageType(matcher)) return matcher.tag;
  return isStandardSchema(matcher) ? `${matcher['~standard'].vendor} schema` : 'unknown';
}

/** Claims that a matcher goes by tag. */
export function isMessageType(matcher: Matcher): matcher is MessageType {
  return typeof matcher === 'function' && 'kind' in matcher && matcher.kind === 'message';
}

/**
 * Whether what one matcher describes can be taken by the other.
 *
 * Tags and primitives are compared; of two schemas, or a schema and anything else, nothing can be said before a
 * message comes, so they count as fitting.
 */
export function mayFit(sent: Matcher, taken: Matcher): boolean {
  if (sent === taken) return true;
  if (isMessageType(sent) && isMessageType(taken)) return sent.tag === taken.tag;
  return isOpaque(sent) || isOpaque(taken);
}

/** Whether a matcher decides by a schema, of which nothing is known before a message comes. */
export function isOpaque(matcher: Matcher): boolean {
  return !isMessageType(matcher) && matcher !== String && matcher !== Number && matcher !== Boolean;
}
