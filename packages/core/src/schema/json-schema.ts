import { ConfigurationError } from '../errors/configuration-error.ts';
import { clauseOf } from '../errors/message-of.ts';
import { type StandardSchema } from './standard-schema.ts';

/** A JSON Schema (draft 2020-12) as plain JSON, as models and forms are given it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Which side of a schema is described: what it accepts, or what it yields after transforms and defaults. */
export type SchemaSide = 'input' | 'output';

/**
 * Derives plain JSON Schema from a Standard Schema through its JSON Schema extension.
 *
 * @throws {ConfigurationError} `schema/no-json-schema` when the library does not offer the extension or cannot
 * describe this schema.
 */
export function jsonSchemaOf(schema: StandardSchema, side: SchemaSide = 'input'): JsonSchema {
  const { vendor, jsonSchema } = schema['~standard'];
  if (jsonSchema === undefined) {
    throw new ConfigurationError(
      `Expected a schema that can describe itself as JSON Schema, got one of "${vendor}" without that extension. ` +
        `Use a library with Standard JSON Schema support, such as zod 4.2 or newer.`,
      { code: 'schema/no-json-schema' },
    );
  }
  try {
    const { $schema: _, ...rest } = jsonSchema[side]({ target: 'draft-2020-12' });
    return rest;
  } catch (error) {
    throw new ConfigurationError(
      `This schema of "${vendor}" cannot be described as JSON Schema: ${clauseOf(error)}. ` +
        `Replace what JSON cannot express (dates, transforms, bigint) by plain types.`,
      { code: 'schema/no-json-schema', cause: error },
    );
  }
}
