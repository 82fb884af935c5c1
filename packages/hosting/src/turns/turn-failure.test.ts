import {
  Agent,
  ChatClientError,
  defineExecutor,
  defineRequest,
  MemoryCheckpointStore,
  WorkflowBuilder,
} from '@colloquy/core';
import { scripted } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { hosted } from '../../test/hosted.ts';
import { refusalOf } from '../../test/refusal.ts';
import { buildCounter, createGate, type Gate } from '../../test/workflows.ts';
import { MemoryResponseStore } from '../store/memory-response-store.ts';

const Ask = defineRequest('ask', {
  request: z.object({ text: z.string() }),
  response: z.string(),
});

/** Waits at a gate, then asks. */
const buildLateAsker = (gate: Gate) => {
  const start = defineExecutor('start', { sends: [String] }).on(String, (text) => text);
  const wait = defineExecutor('wait', { sends: [String] }).on(String, async (text, ctx) => {
    gate.reach();
    await gate.isOpen;
    ctx.signal.throwIfAborted();
    ctx.send(text);
  });
  const asker = defineExecutor('asker')
    .on(String, (text, ctx) => ctx.request(Ask, { text }))
    .onResponse(Ask, (answer, { text }, ctx) => ctx.yield(`${text}: ${answer}`));
  return new WorkflowBuilder({ name: 'late', start }).addChain([start, wait, asker]).build();
};

describe('how a turn ends', () => {
  it('says when the model takes no more requests', async () => {
    const busy = new ChatClientError('quota of sk-secret', {
      code: 'chat-client/rate-limit',
      retryable: true,
    });
    const agent = new Agent({ name: 'a', client: scripted([busy]) });
    await using server = await hosted({ agent });

    const { error } = await server.client.responses.create({ input: 'go' });

    expect(error).toEqual({
      code: 'rate_limit_exceeded',
      message: 'The run failed in "a": its model takes no more requests at present.',
    });
  });

  it('says when a run finds no end', async () => {
    const start = defineExecutor('start', { sends: [String] }).on(String, (text) => text);
    const workflow = new WorkflowBuilder({ name: 'loop', start, maxSupersteps: 3 })
      .addEdge(start, start)
      .build();
    await using server = await hosted({ workflow });

    const { error } = await server.client.responses.create({ input: 'go' });

    expect(error?.message).toBe('The run did not come to rest within its supersteps.');
  });

  it('asks first, where what was cut off asks a human, and takes plain text as an answer', async () => {
    const gate = createGate();
    await using server = await hosted({ workflow: buildLateAsker(gate) });
    const { responses } = server.client;
    const cut = await responses.create({ input: 'a', background: true });
    await gate.isReached;
    await responses.cancel(cut.id);
    gate.open();

    const asked = await responses.create({ previous_response_id: cut.id, input: 'b' });
    const [call] = asked.output;
    const done = await responses.create({
      previous_response_id: asked.id,
      input: [
        {
          type: 'function_call_output',
          call_id: call?.type === 'function_call' ? call.call_id : '',
          output: '42',
        },
      ],
    });

    expect(asked).toMatchObject({
      status: 'failed',
      error: { code: 'pending_requests' },
      output: [{ type: 'function_call', name: 'ask' }],
    });
    expect(done.output_text).toBe('a: 42');
  });
});

describe('what a turn cannot go on from', () => {
  const stores = () => ({
    store: new MemoryResponseStore(),
    checkpoints: new MemoryCheckpointStore(),
  });

  it('is a state that was removed', async () => {
    const settings = { workflow: buildCounter(), ...stores() };
    await using server = await hosted(settings);
    const { id } = await server.client.responses.create({ input: 'a' });
    await settings.checkpoints.prune();

    expect(
      await refusalOf(server.client.responses.create({ input: 'b', previous_response_id: id })),
    ).toMatchObject({ status: 400, code: 'checkpoint_not_found' });
  });

  it('is a state of a workflow that has changed', async () => {
    const settings = stores();
    await using before = await hosted({ models: { m: buildCounter() }, ...settings });
    const { id } = await before.client.responses.create({ input: 'a' });
    const start = defineExecutor('other').on(String, () => undefined);
    const workflow = new WorkflowBuilder({ name: 'counter', start }).build();
    await using after = await hosted({ models: { m: workflow }, ...settings });

    expect(
      await refusalOf(after.client.responses.create({ input: 'b', previous_response_id: id })),
    ).toMatchObject({ status: 409, code: 'checkpoint_incompatible' });
    expect((await after.client.responses.create({ input: 'c' })).status).toBe('completed');
  });

  it('is a store that cannot be reached', async () => {
    const settings = { workflow: buildCounter(), ...stores() };
    await using server = await hosted(settings);
    const { id } = await server.client.responses.create({ input: 'a' });
    settings.checkpoints.loadChain = async () => {
      throw new Error('unreachable: sk-secret');
    };

    const refused = await refusalOf(
      server.client.responses.create({ input: 'b', previous_response_id: id }),
    );

    expect(refused).toMatchObject({ status: 503, code: 'store_unavailable' });
    expect(refused.message).not.toContain('sk-secret');
  });

  it('is a response that failed before anything of it was stored', async () => {
    const settings = { workflow: buildCounter(), ...stores() };
    await using server = await hosted(settings);
    settings.checkpoints.save = async () => {
      throw new Error('full');
    };
    const { id, status } = await server.client.responses.create({ input: 'a' });

    expect(status).toBe('failed');
    expect(
      await refusalOf(server.client.responses.create({ input: 'b', previous_response_id: id })),
    ).toMatchObject({ status: 400, code: 'checkpoint_not_found' });
  });

  it('is an input that the workflow cannot take', async () => {
    const start = defineExecutor('start').on(z.literal('yes'), (_, ctx) => ctx.yield('ok'));
    await using server = await hosted({
      workflow: new WorkflowBuilder({ name: 'picky', start }).build(),
    });

    expect(await refusalOf(server.client.responses.create({ input: 'no' }))).toMatchObject({
      status: 400,
      code: 'unsupported_input',
    });
    expect((await server.client.responses.create({ input: 'yes' })).output_text).toBe('ok');
  });
});
