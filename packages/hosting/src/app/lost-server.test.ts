import { MemoryCheckpointStore } from '@colloquy/core';
import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';

import { type Hosted, hosted } from '../../test/hosted.ts';
import { refusalOf } from '../../test/refusal.ts';
import { buildCounter, buildGated, createGate } from '../../test/workflows.ts';
import { MemoryResponseStore } from '../store/memory-response-store.ts';
import { type ResponseStore } from '../store/response-store.ts';

/** A store that can no longer be reached from some point on. */
const breakable = (store: ResponseStore) => {
  let isBroken = false;
  const reach = new Proxy(store, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      return async (...args: unknown[]): Promise<unknown> => {
        if (isBroken || typeof method !== 'function') throw new Error('unreachable: sk-secret');
        return Reflect.apply(method, target, args);
      };
    },
  });
  return {
    store: reach,
    break: () => {
      isBroken = true;
    },
  };
};

/** Only what hangs takes as long, on the busiest machine. */
const PATIENT = { timeout: 30_000 };

const untilEnded = async ({ client }: Hosted, id: string) => {
  const status = async () => (await client.responses.retrieve(id)).status;
  await expect.poll(status, PATIENT).toBe('failed');
  return client.responses.retrieve(id);
};

describe('a response whose server is lost', () => {
  it('is found by another as failed, with what it had put out, and can be gone on from', async () => {
    const gate = createGate();
    const shared = new MemoryResponseStore();
    const checkpoints = new MemoryCheckpointStore();
    const { store, break: lose } = breakable(shared);
    const settings = { workflow: buildGated(gate), checkpoints, leaseMs: 50 };
    await using lost = await hosted({ ...settings, store });
    await using other = await hosted({ ...settings, store: shared });
    const { id } = await lost.client.responses.create({ input: 'a', background: true });
    await gate.isReached;
    expect((await other.client.responses.retrieve(id)).status).toBe('in_progress');
    lose();

    const found = await untilEnded(other, id);
    gate.open();
    await lost.app.close();
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of await other.client.responses.retrieve(id, { stream: true }))
      events.push(event);
    const goneOn = await other.client.responses.create({ previous_response_id: id });

    expect(found).toMatchObject({ error: { code: 'interrupted' }, output: [{ author: 'first' }] });
    expect(events.at(-1)?.type).toBe('response.failed');
    expect(events.map(({ sequence_number: number }) => number)).toEqual(
      events.map((_, index) => index),
    );
    expect(goneOn.output_text).toBe('ended a');
  });

  it('is at work for another as long as its server lives', async () => {
    const gate = createGate();
    const store = new MemoryResponseStore();
    const settings = { workflow: buildGated(gate), store };
    await using one = await hosted(settings);
    await using other = await hosted(settings);
    const { id } = await one.client.responses.create({ input: 'a', background: true });
    await gate.isReached;

    const tried = await Promise.all(
      [
        other.client.responses.cancel(id),
        other.client.responses.retrieve(id, { stream: true }),
        other.client.responses.delete(id),
        other.client.responses.create({ input: 'b', previous_response_id: id }),
      ].map(refusalOf),
    );
    gate.open();

    expect(tried.map(({ status, code }) => [status, code])).toEqual([
      [409, 'response_elsewhere'],
      [409, 'response_elsewhere'],
      [409, 'response_in_progress'],
      [409, 'response_in_progress'],
    ]);
  });
});

describe('a store that cannot be reached', () => {
  it('ends a response as failed whose work was done', async () => {
    const gate = createGate();
    const { store, break: lose } = breakable(new MemoryResponseStore());
    await using server = await hosted({ workflow: buildGated(gate), store });
    const working = server.client.responses.create({ input: 'a' });
    await gate.isReached;
    lose();
    gate.open();

    expect(await working).toMatchObject({ status: 'failed', error: { code: 'storage_failed' } });
  });

  it('is told of before any work, without its own words', async () => {
    const { store, break: lose } = breakable(new MemoryResponseStore());
    await using server = await hosted({ workflow: buildCounter(), store });
    lose();

    const refused = await refusalOf(server.client.responses.create({ input: 'a' }));

    expect(refused).toMatchObject({ status: 500, code: 'server_error' });
    expect(refused.message).not.toContain('sk-secret');
  });
});

describe('a conversation whose server is lost as it moves on', () => {
  /** A store that is lost when a conversation has moved on, before or after its server has heard of that. */
  const lostAtCommit = (store: ResponseStore, { isHeard }: { readonly isHeard: boolean }) => {
    const broken = breakable(store);
    const reach: ResponseStore = Object.create(broken.store, {
      replace: {
        value: async (...args: Parameters<ResponseStore['replace']>): Promise<boolean> => {
          const isReplaced = await broken.store.replace(...args);
          if (args[0].kind !== 'conversation') return isReplaced;
          broken.break();
          if (isHeard) return isReplaced;
          throw new Error('connection lost');
        },
      },
    });
    return reach;
  };

  it.each([true, false])(
    'has the response that it has taken over (heard of: %s)',
    async (isHeard) => {
      const shared = new MemoryResponseStore();
      const settings = {
        workflow: buildCounter(),
        checkpoints: new MemoryCheckpointStore(),
        leaseMs: 50,
      };
      await using lost = await hosted({ ...settings, store: lostAtCommit(shared, { isHeard }) });
      await using other = await hosted({ ...settings, store: shared });
      const { responses, conversations } = other.client;

      const told = await lost.client.responses.create({ input: 'a', conversation: 'c' });
      const items = async () => (await conversations.items.list('c', { order: 'asc' })).data;
      const before = await items();
      await expect
        .poll(
          async () =>
            (await shared.list({ kind: 'server', before: Date.now() - 100, limit: 1 })).length,
          PATIENT,
        )
        .toBe(1);
      const after = await items();
      const next = await responses.create({ input: 'b', conversation: 'c' });

      expect(told).toMatchObject({ status: 'failed', error: { code: 'storage_failed' } });
      expect(before).toMatchObject([{ role: 'user' }, { content: [{ text: '1: a' }] }]);
      expect(after).toEqual(before);
      expect(await responses.retrieve(told.id)).toMatchObject({
        status: 'completed',
        output_text: '1: a',
      });
      expect(next.output_text).toBe('2: b');
    },
  );
});

describe('two servers on one store', () => {
  it('let a conversation go on with one turn of two that began at the same place', async () => {
    const gate = createGate();
    const settings = { store: new MemoryResponseStore(), checkpoints: new MemoryCheckpointStore() };
    await using slow = await hosted({ ...settings, models: { m: buildGated(gate) } });
    const quick = createGate();
    quick.open();
    await using fast = await hosted({ ...settings, models: { m: buildGated(quick) } });
    const ask = ({ client }: Hosted) =>
      client.responses.create({ model: 'm', input: 'a', conversation: 'c' });

    const late = ask(slow);
    await gate.isReached;
    const early = await ask(fast);
    gate.open();

    expect(early.status).toBe('completed');
    expect(await late).toMatchObject({
      status: 'failed',
      error: { code: 'conversation_conflict' },
    });
  });
});
