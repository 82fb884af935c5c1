import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { outputSpecOf, parseStructuredOutput } from './structured-output.ts';

const score = z.object({ score: z.number() });

describe('outputSpecOf', () => {
  it('describes what the model is to write', () => {
    expect(outputSpecOf(z.object({ score: z.string().transform(Number) }))).toEqual({
      name: 'output',
      schema: { type: 'object', properties: { score: { type: 'string' } }, required: ['score'] },
    });
  });
});

describe('parseStructuredOutput', () => {
  it.each([
    '{"score":7}',
    ' {"score": 7}\n',
    '```json\n{"score":7}\n```',
    '```\n{"score":7}\n```\n',
    'Here it is:\n\n```JSON\n{\n  "score": 7\n}\n```\nEnjoy!',
  ])('reads %j', async (text) => {
    expect(await parseStructuredOutput(score, text)).toEqual({ score: 7 });
  });

  it('gives what the schema makes of the answer, also when it needs time', async () => {
    const slow = z.object({ score: z.string().transform(async (text) => Number(text)) });

    expect(await parseStructuredOutput(slow, '{"score":"7"}')).toEqual({ score: 7 });
  });

  it('tells what is wrong with an answer', async () => {
    await expect(parseStructuredOutput(score, '{"score":"high"}')).rejects.toMatchObject({
      name: 'StructuredOutputError',
      code: 'agent/invalid-output',
      text: '{"score":"high"}',
      issues: [{ path: ['score'] }],
      message: expect.stringContaining('score: '),
    });
  });

  it('says that an answer is no JSON', async () => {
    await expect(parseStructuredOutput(score, 'Seven, I think.')).rejects.toMatchObject({
      text: 'Seven, I think.',
      issues: [],
      message: expect.stringContaining('got string "Seven, I think.": it is not JSON'),
    });
  });

  it.each([
    ['content_filter', 'The model refused'],
    ['length', 'raise maxOutputTokens'],
    ['stop', 'Say the shape in the instructions'],
  ] as const)('after %s says: %s', async (finishReason, remedy) => {
    await expect(parseStructuredOutput(score, '', finishReason)).rejects.toMatchObject({
      finishReason,
      message: expect.stringContaining(remedy),
    });
  });
});
