import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FileCheckpointStore } from '@colloquy/core/node';
import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';

import { FileResponseStore } from '../src/node/file-response-store.ts';
import { type Hosted, hosted } from './hosted.ts';
import { randomFrom } from './random.ts';
import { refusalOf } from './refusal.ts';
import { buildCounter, buildGated, createGate } from './workflows.ts';

type StreamEvent = OpenAI.Responses.ResponseStreamEvent;

const texts = (items: readonly object[]) =>
  items
    .flatMap((item): unknown => Reflect.get(item, 'content'))
    .map((part) => String(Reflect.get(Object(part), 'text')));

/** Reads a response's events from a place on, all or some. */
const readFrom = async (
  { client }: Hosted,
  id: string,
  { after, count = Infinity }: { readonly after: number; readonly count?: number },
): Promise<readonly StreamEvent[]> => {
  const place = after < 0 ? {} : { starting_after: after };
  const events: StreamEvent[] = [];
  for await (const event of await client.responses.retrieve(id, { stream: true, ...place })) {
    events.push(event);
    if (events.length >= count) break;
  }
  return events;
};

describe('a response in the background, read by many who come and go', () => {
  it('tells each the same events, once and in order, wherever they were cut off', async () => {
    const gate = createGate();
    await using server = await hosted({ workflow: buildGated(gate) });
    const random = randomFrom(31);
    const { id } = await server.client.responses.create({ input: 'a', background: true });
    await gate.isReached;
    const readInPieces = async (): Promise<readonly StreamEvent[]> => {
      const events: StreamEvent[] = [];
      while (events.at(-1)?.type !== 'response.completed') {
        const after = events.length - 1;
        events.push(
          ...(await readFrom(server, id, { after, count: 1 + Math.floor(random() * 4) })),
        );
      }
      return events;
    };

    const readers = Array.from({ length: 12 }, readInPieces);
    gate.open();
    const all = await Promise.all(readers);

    const whole = await readFrom(server, id, { after: -1 });
    expect(whole.map(({ sequence_number: number }) => number)).toEqual(whole.map((_, at) => at));
    expect(all).toEqual(all.map(() => whole));
    expect(await readFrom(server, id, { after: whole.length + 5 })).toEqual([]);
  });
});

describe('a cancelling that races with the end', () => {
  it('and everybody is told the same outcome', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const gate = createGate();
        await using server = await hosted({ workflow: buildGated(gate) });
        const { client } = server;
        const { id } = await client.responses.create({ input: 'a', background: true });
        const following = readFrom(server, id, { after: -1 });
        await gate.isReached;
        if (index % 2 === 0) gate.open();
        const cancels = [client.responses.cancel(id), client.responses.cancel(id)];
        if (index % 2 === 1) gate.open();
        const told = await Promise.all(
          cancels.map(async (each) => each.then(({ status }) => status).catch(() => 'refused')),
        );
        const events = await following;
        const { status } = await client.responses.retrieve(id);
        const last = events.at(-1);
        const ended = last !== undefined && 'response' in last ? last.response.status : undefined;
        return { told, status, ended };
      }),
    );

    for (const { told, status, ended } of outcomes) {
      expect(ended).toBe(status);
      expect(told).toEqual(told.map(() => (status === 'cancelled' ? 'cancelled' : 'refused')));
    }
  });
});

describe('what is deleted while it is at work', () => {
  it('a response is kept, and goes once it was cancelled', async () => {
    const gate = createGate();
    await using server = await hosted({ workflow: buildGated(gate) });
    const { responses } = server.client;
    const { id } = await responses.create({ input: 'a', background: true });
    await gate.isReached;

    const refused = await refusalOf(responses.delete(id));
    await responses.cancel(id);
    await responses.delete(id);
    gate.open();

    expect(refused).toMatchObject({ status: 409, code: 'response_in_progress' });
    for (const gone of [
      responses.retrieve(id),
      responses.cancel(id),
      responses.delete(id),
      responses.inputItems.list(id),
      responses.retrieve(id, { stream: true }),
      responses.create({ input: 'b', previous_response_id: id }),
    ])
      expect(await refusalOf(gone)).toMatchObject({ status: 404, code: 'response_not_found' });
  });

  it('a conversation is gone, and what was at work in it does not bring it back', async () => {
    const gate = createGate();
    await using server = await hosted({ workflow: buildGated(gate) });
    const { responses, conversations } = server.client;
    const working = responses.create({ input: 'a', conversation: 'c' });
    const waiting = responses.create({ input: 'b', conversation: 'c' });
    await gate.isReached;

    await conversations.delete('c');
    gate.open();

    expect(await working).toMatchObject({
      status: 'failed',
      error: { code: 'conversation_conflict' },
    });
    // The one that waited begins a conversation of the same name.
    expect((await waiting).output_text).toBe('begun bended b');
    expect(texts((await conversations.items.list('c', { order: 'asc' })).data)).toEqual([
      'b',
      'begun b',
      'ended b',
    ]);
  });
});

describe('the items of a conversation', () => {
  it('are those of the turns that counted, each under one id for ever', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const { responses, conversations } = server.client;
    const say = (input: string) => responses.create({ input, conversation: 'c' });
    const items = async () => (await conversations.items.list('c', { order: 'asc' })).data;
    await say('a');
    const before = await items();
    const failed = await say('fail');
    const afterFailure = await items();
    const again = await say('b');

    const all = await items();
    const input = (await responses.inputItems.list(again.id)).data;

    expect(failed.status).toBe('failed');
    expect(afterFailure).toEqual(before);
    expect(texts(all)).toEqual(['a', '1: a', 'b', '2: b']);
    expect(all.slice(0, 2)).toEqual(before);
    expect(all[2]?.id).toBe(input[0]?.id);
    for (const { id = '' } of all)
      expect(await conversations.items.retrieve(id, { conversation_id: 'c' })).toMatchObject({
        id,
      });
  });

  it('of a response at work are those that it keeps', async () => {
    const gate = createGate();
    await using server = await hosted({ workflow: buildGated(gate) });
    const { responses } = server.client;
    const { id } = await responses.create({ input: 'a', background: true });
    await gate.isReached;
    const atWork = (await responses.inputItems.list(id)).data;
    gate.open();
    await readFrom(server, id, { after: -1 });

    expect((await responses.inputItems.list(id)).data).toEqual(atWork);
  });
});

/** Asks for a path as it is: `fetch` would tidy it up. */
const ask = async (
  url: string,
  { method, path }: { readonly method: string; readonly path: string },
) => {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const { hostname, port } = new URL(url);
  const sent = request({ hostname, port, method, path, headers: HEADERS }, (answer) => {
    answer.resume();
    answer.on('end', () => resolve(answer.statusCode));
  });
  sent.on('error', reject);
  sent.end(
    method === 'POST' ? '{"items":[{"role":"user","content":"a"}],"metadata":{}}' : undefined,
  );
  return promise;
};

const HEADERS = { 'content-type': 'application/json' };
const NAMES = [
  '../x',
  '..%2fx',
  '%2e%2e%2fx',
  '..%5cx',
  '%00',
  'a%00b',
  '%252e%252e%252fx',
  '%',
  '__proto__',
  '.',
  '..',
  '%2e',
];

describe('a path that leads elsewhere', () => {
  it('is refused, and nothing is written because of it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'colloquy-hosting-'));
    try {
      const settings = {
        workflow: buildCounter(),
        checkpoints: new FileCheckpointStore(join(folder, 'in', 'checkpoints')),
        store: new FileResponseStore(join(folder, 'in', 'responses')),
      };
      await using server = await hosted(settings);
      const paths = NAMES.flatMap((name) => [
        { method: 'GET', path: `/v1/responses/${name}` },
        { method: 'GET', path: `/v1/responses/${name}?stream=true` },
        { method: 'DELETE', path: `/v1/responses/${name}` },
        { method: 'POST', path: `/v1/responses/${name}/cancel` },
        { method: 'GET', path: `/v1/responses/${name}/input_items` },
        { method: 'GET', path: `/v1/conversations/${name}` },
        { method: 'POST', path: `/v1/conversations/${name}` },
        { method: 'DELETE', path: `/v1/conversations/${name}` },
        { method: 'POST', path: `/v1/conversations/${name}/items` },
        { method: 'GET', path: `/v1/conversations/c/items/${name}` },
      ]);

      const statuses = await Promise.all(paths.map((each) => ask(server.url, each)));

      const wrong = paths.filter((_, index) => ![400, 404].includes(statuses[index] ?? 0));
      expect(wrong).toEqual([]);
      expect(await readdir(folder)).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
