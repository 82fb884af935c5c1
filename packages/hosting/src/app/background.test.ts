import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';

import { type Hosted, hosted } from '../../test/hosted.ts';
import { refusalOf } from '../../test/refusal.ts';
import { buildCounter, buildGated, createGate } from '../../test/workflows.ts';

const inBackground = async ({ client }: Hosted) =>
  client.responses.create({ input: 'a', background: true });

/** Follows a response to its end. */
const follow = async ({ client }: Hosted, id: string, after?: number) => {
  const events: OpenAI.Responses.ResponseStreamEvent[] = [];
  const place = after === undefined ? {} : { starting_after: after };
  const stream = await client.responses.retrieve(id, { stream: true, ...place });
  for await (const event of stream) events.push(event);
  return events;
};

const waitFor = async (server: Hosted, id: string) => {
  await follow(server, id);
  return server.client.responses.retrieve(id);
};

describe('a response in the background', () => {
  it('is told of at once, and goes on to its end', async () => {
    const gate = createGate();
    await using server = await hosted({ workflow: buildGated(gate) });

    const queued = await inBackground(server);
    await gate.isReached;
    const working = await server.client.responses.retrieve(queued.id);
    gate.open();
    const done = await waitFor(server, queued.id);

    expect([queued, working, done].map(({ status }) => status)).toEqual([
      'queued',
      'in_progress',
      'completed',
    ]);
    expect(working.output).toMatchObject([{ author: 'first' }]);
    expect(done.output_text).toBe('begun aended a');
  });

  it('goes on when its reader leaves, and is read again from any place', async () => {
    const gate = createGate();
    await using server = await hosted({ workflow: buildGated(gate) });
    const stream = await server.client.responses.create({
      input: 'a',
      background: true,
      stream: true,
    });
    let id = '';
    for await (const event of stream) {
      if (event.type === 'response.created') id = event.response.id;
      if (event.type === 'response.output_item.done') break;
    }
    await gate.isReached;
    gate.open();

    const all = await follow(server, id);
    const rest = await follow(server, id, 4);
    const again = await follow(server, id, all.length - 2);

    expect(all.map(({ sequence_number: number }) => number)).toEqual(all.map((_, index) => index));
    expect(all.at(-1)?.type).toBe('response.completed');
    expect(rest).toEqual(all.slice(5));
    expect(again).toEqual(all.slice(-1));
  });

  it.each(['1e3', '0x1', '', ' ', '-1', '+1', '1.0', '9'.repeat(16)])(
    'is not streamed from %j, which is no number of an event',
    async (after) => {
      await using server = await hosted({ workflow: buildCounter() });
      const { id } = await server.client.responses.create({ input: 'a', background: true });
      const query = new URLSearchParams({ stream: 'true', starting_after: after });
      const response = await fetch(`${server.url}/responses/${id}?${query}`);

      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { param: 'starting_after' } });
    },
  );

  it('is reconnected to by the stream helper', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const { id } = await inBackground(server);
    await waitFor(server, id);

    const stream = server.client.responses.stream({ response_id: id, starting_after: 3 });
    const numbers: number[] = [];
    for await (const event of stream) numbers.push(event.sequence_number);

    expect(numbers[0]).toBe(4);
    expect((await stream.finalResponse()).output_text).toBe('1: a');
  });

  it('is cancelled, as often as one likes', async () => {
    const gate = createGate();
    await using server = await hosted({ workflow: buildGated(gate) });
    const { id } = await inBackground(server);
    await gate.isReached;

    const cancelled = await server.client.responses.cancel(id);
    const again = await server.client.responses.cancel(id);
    const events = await follow(server, id);

    expect([cancelled.status, again.status]).toEqual(['cancelled', 'cancelled']);
    expect(events.at(-1)).toMatchObject({
      type: 'response.failed',
      response: { status: 'cancelled' },
    });
  });

  it('is not cancelled once it has ended, nor when it is none', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const { id } = await inBackground(server);
    await waitFor(server, id);
    const other = await server.client.responses.create({ input: 'b' });

    expect(await refusalOf(server.client.responses.cancel(id))).toMatchObject({ status: 400 });
    expect(await refusalOf(server.client.responses.cancel(other.id))).toMatchObject({
      status: 400,
    });
  });

  it('is deleted only when it has ended', async () => {
    const gate = createGate();
    await using server = await hosted({ workflow: buildGated(gate) });
    const { responses } = server.client;
    const { id } = await inBackground(server);
    await gate.isReached;
    const early = await refusalOf(responses.delete(id));
    gate.open();
    await waitFor(server, id);

    await responses.delete(id);

    expect(early).toMatchObject({ status: 409, code: 'response_in_progress' });
    expect(await refusalOf(responses.retrieve(id))).toMatchObject({ status: 404 });
    expect(
      await refusalOf(responses.create({ input: 'b', previous_response_id: id })),
    ).toMatchObject({ status: 404, param: 'previous_response_id' });
  });

  it('tells of a failure in its end', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const { id } = await server.client.responses.create({ input: 'fail', background: true });

    const response = await waitFor(server, id);

    expect(response).toMatchObject({
      status: 'failed',
      error: { code: 'server_error', message: 'The run failed in "counter".' },
    });
  });

  it('is the only one that is streamed again', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const { id } = await server.client.responses.create({ input: 'a' });

    expect(await refusalOf(server.client.responses.retrieve(id, { stream: true }))).toMatchObject({
      status: 400,
      param: 'stream',
    });
  });
});
