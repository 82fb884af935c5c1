import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type StandardSchema } from '../schema/standard-schema.ts';
import { defineTool } from './define-tool.ts';
import { type ToolContext } from './tool-context.ts';

const context: ToolContext = {
  signal: new AbortController().signal,
  callId: 'call_1',
  agentName: 'guide',
  sessionId: undefined,
  runContext: undefined,
};

const weather = {
  name: 'get_weather',
  description: 'Current weather in a city',
  input: z.object({ city: z.string(), days: z.number().default(1) }),
  execute: ({ city, days }: { city: string; days: number }) => `${days} days of sun in ${city}`,
};

describe('defineTool', () => {
  it('describes the tool to a model', () => {
    const { name, description, parameters } = defineTool(weather);

    expect({ name, description, parameters }).toEqual({
      name: 'get_weather',
      description: 'Current weather in a city',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' }, days: { type: 'number', default: 1 } },
        required: ['city'],
      },
    });
  });

  it('runs with the arguments that its schema makes of what the model wrote', async () => {
    const tool = defineTool(weather);

    const args = await tool.parse({ city: 'Oslo' });

    expect(args).toEqual({ city: 'Oslo', days: 1 });
    expect(tool.execute(args, context)).toBe('1 days of sun in Oslo');
  });

  it('tells what is wrong with arguments', async () => {
    await expect(defineTool(weather).parse({ city: 3 })).rejects.toMatchObject({
      name: 'ToolArgumentsError',
      code: 'tool/invalid-arguments',
      message: expect.stringMatching(/"get_weather" do not fit: city: .*string/),
    });
  });

  it('tells a model that wrote no JSON object what it wrote', async () => {
    await expect(defineTool(weather).parse('{"city"')).rejects.toThrow(
      'expected a JSON object, got string "{\\"city\\""',
    );
  });

  it('waits for schemas that need to', async () => {
    const input = z.object({ id: z.string().refine(async (id) => id === 'known', 'unknown id') });
    const tool = defineTool({ ...weather, input, execute: () => 'found' });

    await expect(tool.parse({ id: 'known' })).resolves.toEqual({ id: 'known' });
    await expect(tool.parse({ id: 'other' })).rejects.toThrow('id: unknown id');
  });

  it('needs no approval, always approval, or approval for some arguments', async () => {
    const input = z.object({ amount: z.number() });
    const execute = (): string => 'done';
    const tools = [undefined, true, ({ amount }: { amount: number }) => amount > 50].map(
      (needsApproval) =>
        defineTool({
          ...weather,
          input,
          execute,
          ...(needsApproval === undefined ? {} : { needsApproval }),
        }),
    );

    expect(tools.map((tool) => tool.needsApproval({ amount: 20 }))).toEqual([false, true, false]);
    expect(tools.map((tool) => tool.needsApproval({ amount: 90 }))).toEqual([false, true, true]);
  });

  it.each(['', 'get weather', 'wétter', 'x'.repeat(65), 42])('refuses the name %j', (name) => {
    const define = (): unknown => Reflect.apply(defineTool, undefined, [{ ...weather, name }]);

    expect(define).toThrow(expect.objectContaining({ code: 'tool/invalid-definition' }));
  });

  it('names everything that is missing at once', () => {
    const define = (): unknown => Reflect.apply(defineTool, undefined, [{ name: 'x' }]);

    expect(define).toThrow(/a description for "x".*a schema as the input.*a function as execute/);
  });

  it('refuses an input that is no object', () => {
    expect(() => defineTool({ ...weather, input: z.string(), execute: () => '' })).toThrow(
      'an object as the input of "get_weather"',
    );
  });

  it('refuses a schema that cannot be described to a model', () => {
    const input: StandardSchema<{ city: string }> = {
      '~standard': { version: 1, vendor: 'silent', validate: () => ({ value: { city: '' } }) },
    };

    expect(() => defineTool({ ...weather, input, execute: () => '' })).toThrow(
      expect.objectContaining({ code: 'schema/no-json-schema' }),
    );
  });
});
