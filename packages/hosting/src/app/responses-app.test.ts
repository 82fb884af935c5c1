import { describe, expect, it } from 'vitest';

import { hosted } from '../../test/hosted.ts';
import { buildCounter } from '../../test/workflows.ts';

describe('a hosted workflow', () => {
  it('begins clean without a context', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const ask = async (input: string): Promise<string> =>
      (await server.client.responses.create({ model: 'counter', input })).output_text;

    expect([await ask('a'), await ask('b')]).toEqual(['1: a', '1: b']);
  });

  it('goes on from a response, on as many branches as there are requests', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const { responses } = server.client;
    const first = await responses.create({ model: 'counter', input: 'a' });
    const after = async (input: string, previous: string) =>
      responses.create({ model: 'counter', input, previous_response_id: previous });

    const second = await after('b', first.id);
    const other = await after('c', first.id);
    const third = await after('d', second.id);

    expect([second, other, third].map(({ output_text: text }) => text)).toEqual([
      '2: b',
      '2: c',
      '3: d',
    ]);
  });

  it('holds a conversation', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const ask = async (input: string, conversation: string): Promise<string> =>
      (await server.client.responses.create({ model: 'counter', input, conversation })).output_text;

    expect([await ask('a', 'x'), await ask('b', 'y'), await ask('c', 'x')]).toEqual([
      '1: a',
      '1: b',
      '2: c',
    ]);
  });

  it('streams', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const stream = server.client.responses.stream({ model: 'counter', input: 'a' });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    const response = await stream.finalResponse();

    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(response).toMatchObject({ status: 'completed', output_text: '1: a' });
  });
});
