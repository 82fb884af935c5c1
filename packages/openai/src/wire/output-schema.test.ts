import { jsonSchemaOf, type StandardSchema } from '@colloquy/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toOutputSchema } from './output-schema.ts';

function outputSchemaOf(schema: StandardSchema) {
  return toOutputSchema({ name: 'answer', schema: jsonSchemaOf(schema) });
}

describe('toOutputSchema', () => {
  it('closes objects and requires what may be null, at every depth', () => {
    const schema = z.object({
      title: z.string(),
      parts: z.array(z.object({ page: z.int().nullish(), kind: z.enum(['a', 'b']) })),
    });

    expect(outputSchemaOf(schema)).toEqual({
      name: 'answer',
      strict: true,
      schema: {
        type: 'object',
        additionalProperties: false,
        required: ['title', 'parts'],
        properties: {
          title: { type: 'string' },
          parts: {
            type: 'array',
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['page', 'kind'],
              properties: {
                page: expect.objectContaining({ anyOf: expect.anything() }),
                kind: { type: 'string', enum: ['a', 'b'] },
              },
            },
          },
        },
      },
    });
  });

  it.each<[string, StandardSchema]>([
    ['an optional property', z.object({ title: z.string(), note: z.string().optional() })],
    ['a default', z.object({ title: z.string().default('x') })],
    ['a record', z.object({ scores: z.record(z.string(), z.number()) })],
    ['a tuple', z.object({ point: z.tuple([z.number(), z.number()]) })],
    ['a list at the root', z.array(z.string())],
  ])('sends a schema with %s as it is, not strict', (_, schema) => {
    expect(outputSchemaOf(schema)).toEqual({
      name: 'answer',
      strict: false,
      schema: jsonSchemaOf(schema),
    });
  });

  it.each([
    ['strict, with null for nothing', z.object({ note: z.string().nullish() }), '{"note":null}'],
    ['not strict, with nothing for nothing', z.object({ note: z.string().optional() }), '{}'],
  ])('asks only for what the caller can validate: %s', (_, schema, answer) => {
    const { strict } = outputSchemaOf(schema);

    expect([strict, schema.safeParse(JSON.parse(answer)).success]).toEqual([answer !== '{}', true]);
  });

  it('leaves the given schema alone', () => {
    const schema = jsonSchemaOf(z.object({ title: z.string() }));
    const before = structuredClone(schema);

    toOutputSchema({ name: 'answer', schema });

    expect(schema).toEqual(before);
  });
});
