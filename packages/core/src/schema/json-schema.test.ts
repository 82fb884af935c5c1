import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { jsonSchemaOf } from './json-schema.ts';
import { type StandardSchema } from './standard-schema.ts';

describe('jsonSchemaOf', () => {
  it('describes what a schema accepts, and what it yields', () => {
    const schema = z.object({ city: z.string().default('Oslo') });

    expect(jsonSchemaOf(schema)).toEqual({
      type: 'object',
      properties: { city: { type: 'string', default: 'Oslo' } },
    });
    expect(jsonSchemaOf(schema, 'output')).toMatchObject({ required: ['city'] });
  });

  it('names the library that cannot describe its schemas', () => {
    const silent: StandardSchema = {
      '~standard': { version: 1, vendor: 'silent', validate: (value) => ({ value }) },
    };

    expect(() => jsonSchemaOf(silent)).toThrow(
      expect.objectContaining({
        code: 'schema/no-json-schema',
        message: expect.stringContaining('"silent"'),
      }),
    );
  });

  it('refuses what JSON cannot express, and keeps the cause', () => {
    expect(() => jsonSchemaOf(z.object({ when: z.date() }))).toThrow(
      expect.objectContaining({ code: 'schema/no-json-schema', cause: expect.any(Error) }),
    );
  });
});
