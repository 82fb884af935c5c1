import { ConfigurationError } from '../errors/configuration-error.ts';
import { describeValue, isRecord } from '../primitives/json.ts';
import { isPromiseLike } from '../primitives/promise-like.ts';
import {
  describeIssues,
  type InputOf,
  type OutputOf,
  type SchemaResult,
  type StandardSchema,
} from './standard-schema.ts';

/** A plain object told apart by its `type`. */
export type Tagged<TTag extends string, TPayload = object> = { readonly type: TTag } & TPayload;

/** What a tagged type is for: messages between executors, or events for the caller. */
export type TaggedKind = 'message' | 'event';

/** A kind of tagged object: call it to make one, ask `is` whether a value is one. */
export interface TaggedType<
  TKind extends TaggedKind,
  TValue extends Tagged<string>,
  TArgs extends readonly unknown[] = never,
> {
  (...args: TArgs): TValue;
  readonly kind: TKind;
  readonly tag: TValue['type'];
  /** Claims that a value carries this tag and a payload that fits. */
  readonly is: (value: unknown) => value is TValue;
}

/** The objects that a tagged type makes. */
export type TaggedOf<TType> = TType extends {
  readonly is: (value: unknown) => value is infer TValue;
}
  ? TValue
  : never;

/** The arguments that make a tagged object: none without a schema, else what the schema accepts. */
export type PayloadArgs<TSchema> = TSchema extends StandardSchema
  ? [payload: InputOf<TSchema>]
  : [];

/** The object a tag and a schema describe. */
export type TaggedBy<TTag extends string, TSchema> = TSchema extends StandardSchema
  ? Tagged<TTag, OutputOf<TSchema>>
  : Tagged<TTag>;

/**
 * Makes a tagged type.
 *
 * The one place where a tag and a schema become a type: the schema has checked what the assertions claim.
 */
export function defineTagged<
  TKind extends TaggedKind,
  TTag extends string,
  TSchema extends StandardSchema | undefined,
>(
  kind: TKind,
  tag: TTag,
  schema: TSchema,
): TaggedType<TKind, TaggedBy<TTag, TSchema>, PayloadArgs<TSchema>> {
  const create = (payload?: unknown): Tagged<TTag> => createTagged(tag, schema, payload);
  const is = (value: unknown): value is TaggedBy<TTag, TSchema> => isTagged(tag, schema, value);
  return Object.assign(create, { kind, tag, is }) as unknown as TaggedType<
    TKind,
    TaggedBy<TTag, TSchema>,
    PayloadArgs<TSchema>
  >;
}

/** @throws {ConfigurationError} `schema/invalid-payload` when the payload does not fit. */
function createTagged<TTag extends string>(
  tag: TTag,
  schema: StandardSchema | undefined,
  payload: unknown,
): Tagged<TTag> {
  if (schema === undefined) return { type: tag };
  const result = validateSync(schema, payload, `"${tag}"`);
  if (result.issues === undefined && isRecord(result.value)) return { ...result.value, type: tag };
  const problem = result.issues === undefined ? 'not an object' : describeIssues(result.issues);
  throw new ConfigurationError(
    `Expected a payload that fits "${tag}", got ${describeValue(payload)}: ${problem}.`,
    { code: 'schema/invalid-payload' },
  );
}

function isTagged(tag: string, schema: StandardSchema | undefined, value: unknown): boolean {
  if (!isRecord(value) || value['type'] !== tag) return false;
  if (schema === undefined) return true;
  const { type: _, ...payload } = value;
  return validateSync(schema, payload, `"${tag}"`).issues === undefined;
}

/**
 * Validates where waiting is impossible.
 *
 * @throws {ConfigurationError} `schema/async` when the schema answers with a promise.
 */
export function validateSync<TOutput>(
  schema: StandardSchema<unknown, TOutput>,
  value: unknown,
  what: string,
): SchemaResult<TOutput> {
  const result = schema['~standard'].validate(value);
  if (!isPromiseLike(result)) return result;
  Promise.resolve(result).catch(() => {});
  throw new ConfigurationError(
    `Expected a schema that validates at once for ${what}, got an asynchronous one. Check what needs waiting in the handler.`,
    { code: 'schema/async' },
  );
}
