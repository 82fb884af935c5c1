import { type JsonSchema, type OutputSpec } from '@colloquy/core';
import { standardResponseFormat } from 'openai/helpers/standard-schema';

/** A JSON Schema as both APIs take it; with `strict` the service guarantees that the answer fits. */
export interface OutputSchema {
  readonly name: string;
  readonly schema: Record<string, unknown>;
  readonly strict: boolean;
}

/**
 * Makes a schema strict where that only narrows it, and sends it as it is with `strict: false` where it would not.
 *
 * Strict schemas close every object and require every property. Closing is always right; requiring is, for a
 * property that may be null. An optional property that may not be null, a record, a tuple, or a root that is not an
 * object has no strict form with the same meaning, so the schema then only guides the model. Nothing the model
 * writes is changed on its way to the caller: what was asked for is what the caller's schema validates. Write
 * `.nullish()` or `.nullable()` in place of `.optional()` to keep the guarantee.
 */
export function toOutputSchema({ name, schema }: OutputSpec): OutputSchema {
  const strict = tryStrictSchema(name, schema);
  return strict === undefined
    ? { name, schema: { ...schema }, strict: false }
    : { name, schema: strict, strict: true };
}

function tryStrictSchema(name: string, schema: JsonSchema): Record<string, unknown> | undefined {
  const source = {
    '~standard': {
      version: 1 as const,
      vendor: 'colloquy',
      validate: (value: unknown) => ({ value }),
    },
  };
  try {
    return standardResponseFormat(source, name, { schema }).json_schema.schema;
  } catch {
    // The helper throws for a schema without a strict form, and only for that: nothing failed here.
    return undefined;
  }
}
