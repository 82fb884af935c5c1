import { MemoryCheckpointStore } from '@colloquy/core';
import { describe, expect, it } from 'vitest';

import { hosted } from '../../test/hosted.ts';
import { refusalOf } from '../../test/refusal.ts';
import { buildCounter, buildGated, createGate } from '../../test/workflows.ts';
import { MemoryResponseStore } from '../store/memory-response-store.ts';
import { type Retention } from './host-options.ts';
import { responsesApp } from './responses-app.ts';

describe('a turn that fails', () => {
  it('is an answer with status failed, which tells nothing of the error', async () => {
    await using server = await hosted({ workflow: buildCounter() });

    const failed = await server.client.responses.create({ input: 'fail' });

    expect(failed).toMatchObject({
      status: 'failed',
      error: { code: 'server_error', message: 'The run failed in "counter".' },
    });
    expect(JSON.stringify(failed)).not.toContain('sk-secret');
  });

  it('leaves its conversation where it stood', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const ask = async (input: string) =>
      server.client.responses.create({ input, conversation: 'c' });

    await ask('a');
    await ask('fail');
    const after = await ask('b');

    expect(after.output_text).toBe('2: b');
  });

  it('does not harm the next one that begins clean', async () => {
    await using server = await hosted({ workflow: buildCounter(), limits: { maxInstances: 1 } });

    await server.client.responses.create({ input: 'fail' });
    const after = await server.client.responses.create({ input: 'b' });

    expect(after.output_text).toBe('1: b');
  });
});

describe('a client that goes away', () => {
  it('stops its run, which can be gone on from where it was cut off', async () => {
    const gate = createGate();
    const checkpoints = new MemoryCheckpointStore();
    await using server = await hosted({ workflow: buildGated(gate), checkpoints });
    const { responses } = server.client;
    const stream = await responses.create({ input: 'a', stream: true });
    let id = '';
    for await (const event of stream) {
      if (event.type === 'response.created') id = event.response.id;
      if (event.type !== 'response.output_item.done') continue;
      await gate.isReached;
      break;
    }
    await expect
      .poll(async () => (await responses.retrieve(id)).status, { timeout: 30_000 })
      .toBe('incomplete');
    gate.open();

    const finished = await responses.create({ previous_response_id: id });
    const goneOn = await responses.create({ previous_response_id: id, input: 'b' });

    expect(await responses.retrieve(id)).toMatchObject({
      incomplete_details: { reason: 'interrupted' },
    });
    expect(finished.output_text).toBe('ended a');
    expect(goneOn.output_text).toBe('ended abegun bended b');
  });

  it('stops its run also where it waits for the whole', async () => {
    const gate = createGate();
    await using server = await hosted({ workflow: buildGated(gate), limits: { maxInstances: 1 } });
    const controller = new AbortController();
    const { responses } = server.client;

    const cut = responses.create({ input: 'a' }, { signal: controller.signal });
    await gate.isReached;
    controller.abort();
    await expect(cut).rejects.toThrow('abort');
    gate.open();

    expect((await responses.create({ input: 'b' })).output_text).toBe('begun bended b');
  });
});

describe('what a turn goes on from', () => {
  it('is not found under an id that is unknown or cannot be one, and nothing runs', async () => {
    const workflow = buildCounter();
    await using server = await hosted({ workflow });
    const after = (previous: string) =>
      refusalOf(server.client.responses.create({ input: 'a', previous_response_id: previous }));

    expect(await after(`resp_${'0'.repeat(32)}`)).toMatchObject({
      status: 404,
      code: 'response_not_found',
      param: 'previous_response_id',
    });
    for (const id of ['../../x', '/etc/passwd', '__proto__', 'resp_..', 'x'.repeat(300)])
      expect(await after(id)).toMatchObject({ status: 404 });
    expect(await after('')).toMatchObject({ status: 400 });
  });

  it('is one thing', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const { id } = await server.client.responses.create({ input: 'a' });

    const both = { input: 'b', previous_response_id: id, conversation: 'c' };

    expect(await refusalOf(server.client.responses.create(both))).toMatchObject({
      status: 400,
      code: 'mutually_exclusive_parameters',
    });
  });

  it('is nothing where nothing was stored', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const { responses } = server.client;
    const { id, output_text: text } = await responses.create({ input: 'a', store: false });

    expect(text).toBe('1: a');
    expect(await refusalOf(responses.retrieve(id))).toMatchObject({ status: 404 });
    expect(
      await refusalOf(responses.create({ input: 'b', previous_response_id: id })),
    ).toMatchObject({ status: 404 });
  });

  it('keeps its bytes when a turn goes on from it', async () => {
    const checkpoints = new MemoryCheckpointStore();
    await using server = await hosted({ workflow: buildCounter(), checkpoints });
    const { responses } = server.client;
    const { id } = await responses.create({ input: 'a' });
    const stored = async () => {
      const all = [];
      for await (const head of checkpoints.list({ threadId: `hosting/default/${id}` }))
        all.push(await checkpoints.load(head.id));
      return all;
    };
    const before = await stored();

    await responses.create({ input: 'b', previous_response_id: id });

    expect(before).toHaveLength(1);
    expect(await stored()).toEqual(before);
  });

  it('belongs to the model it was begun with', async () => {
    await using server = await hosted({ models: { one: buildCounter(), two: buildCounter() } });
    const { responses } = server.client;
    const { id } = await responses.create({ model: 'one', input: 'a', conversation: 'c' });
    const ask = (body: object) =>
      refusalOf(responses.create({ model: 'two', input: 'b', ...body }));

    const mismatch = { status: 400, code: 'model_mismatch' };
    expect(await ask({ previous_response_id: id })).toMatchObject(mismatch);
    expect(await ask({ conversation: 'c' })).toMatchObject(mismatch);
  });
});

describe('a conversation', () => {
  it('takes its turns in the order in which they came', async () => {
    const app = responsesApp({ workflow: buildCounter() });
    const inputs = Array.from({ length: 10 }, (_, index) => `turn ${index}`);
    const ask = async (input: string) => {
      const response = await app.request('/v1/responses', {
        method: 'POST',
        body: JSON.stringify({ input, conversation: 'c' }),
        headers: { 'content-type': 'application/json' },
      });
      const { output } = await response.json();
      return output[0].content[0].text;
    };

    const answers = await Promise.all(inputs.map(ask));

    expect(answers).toEqual(inputs.map((input, index) => `${index + 1}: ${input}`));
  });

  it('refuses a second turn at once where it is told to', async () => {
    const gate = createGate();
    await using server = await hosted({ workflow: buildGated(gate), whenBusy: 'reject' });
    const ask = () => server.client.responses.create({ input: 'a', conversation: 'c' });

    const first = ask();
    await gate.isReached;
    const second = await refusalOf(ask());
    gate.open();

    expect(second).toMatchObject({ status: 409, code: 'conversation_locked' });
    expect((await first).status).toBe('completed');
  });

  it('has items, which can be added before a turn and are read with it', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const { conversations, responses } = server.client;
    const { id } = await conversations.create({
      items: [{ role: 'user', content: 'before' }],
      metadata: { topic: 'bikes' },
    });
    const spoken = await responses.create({ input: 'a', conversation: id });
    await conversations.items.create(id, { items: [{ role: 'user', content: 'between' }] });
    const texts: unknown[] = [];
    for await (const item of conversations.items.list(id, { order: 'asc', limit: 2 }))
      texts.push(
        item.type === 'message' ? item.content.map((part) => Reflect.get(part, 'text')) : 0,
      );

    expect(spoken.output_text).toBe('1: before\na');
    expect(texts).toEqual([['before'], ['a'], ['1: before\na'], ['between']]);
    expect(await conversations.retrieve(id)).toMatchObject({ metadata: { topic: 'bikes' } });
    expect(await conversations.delete(id)).toMatchObject({ object: 'conversation.deleted' });
    expect(await refusalOf(conversations.retrieve(id))).toMatchObject({ status: 404 });
  });

  it('cannot have a name that means something to a store', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const bad = [
      '',
      '..',
      '.',
      '...',
      '../../x',
      '/abs',
      'C:\\x',
      'a/b',
      'a\\b',
      'a\0',
      '__proto__',
    ];
    const more = ['%2e%2e', 'x'.repeat(300), 'a.', 'a ', ' a', 'a..b'];

    for (const conversation of [...bad, ...more])
      expect(
        await refusalOf(server.client.responses.create({ input: 'a', conversation })),
      ).toMatchObject({ status: 400, param: 'conversation' });
  });
});

describe('input items', () => {
  it('are listed page by page', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const { responses } = server.client;
    const input = ['a', 'b', 'c', 'd', 'e'].map((content) => ({ role: 'user' as const, content }));
    const { id } = await responses.create({ input });
    const texts: unknown[] = [];
    for await (const item of responses.inputItems.list(id, { limit: 2, order: 'asc' }))
      texts.push(item);

    expect(texts).toMatchObject(
      ['a', 'b', 'c', 'd', 'e'].map((text) => ({
        type: 'message',
        role: 'user',
        content: [{ type: 'input_text', text }],
      })),
    );
  });
});

describe('what is stored', () => {
  it('goes when it is old, but for where a conversation stands', async () => {
    const store = new MemoryResponseStore();
    const checkpoints = new MemoryCheckpointStore();
    const settings = { workflow: buildCounter(), store, checkpoints };
    const kept = async () => {
      const threads = [];
      for await (const { threadId } of checkpoints.list()) threads.push(threadId);
      return threads.length;
    };
    await using server = await hosted(settings);
    const { id } = await server.client.responses.create({ input: 'a' });
    await server.client.responses.create({ input: 'b', conversation: 'c' });

    // A server that keeps nothing that is older than nothing.
    await using sweeper = await hosted({ ...settings, retention: { maxAgeMs: -1 } });
    await sweeper.client.responses.create({ input: 'x', store: false });
    await sweeper.app.close();

    expect(await refusalOf(server.client.responses.retrieve(id))).toMatchObject({ status: 404 });
    expect(await kept()).toBe(0);
  });

  it('is one checkpoint a response, unless more are to be kept', async () => {
    const countAfter = async (retention: Retention) => {
      const checkpoints = new MemoryCheckpointStore();
      await using server = await hosted({ workflow: buildCounter(), checkpoints, retention });
      await server.client.responses.create({ input: 'a' });
      const ids = [];
      for await (const { id } of checkpoints.list()) ids.push(id);
      return ids.length;
    };

    expect(await countAfter({})).toBe(1);
    expect(await countAfter({ checkpoints: 'all' })).toBe(2);
  });
});
