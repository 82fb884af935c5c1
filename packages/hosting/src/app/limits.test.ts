import { once } from 'node:events';
import { connect } from 'node:net';

import { Agent, defineExecutor, defineRequest, WorkflowBuilder } from '@colloquy/core';
import { scripted } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { hosted } from '../../test/hosted.ts';
import { refusalOf } from '../../test/refusal.ts';
import { buildCounter, buildGated, createGate } from '../../test/workflows.ts';
import { responsesApp } from './responses-app.ts';

const post = async (url: string, body: string, type = 'application/json') => {
  const response = await fetch(`${url}/responses`, {
    method: 'POST',
    body,
    headers: { 'content-type': type },
  });
  const { error } = await response.json();
  return { status: response.status, code: error.code };
};

describe('a body', () => {
  it('is JSON, not too large and not too deep', async () => {
    const limits = { maxBodyBytes: 1000, maxDepth: 10 };
    await using server = await hosted({ workflow: buildCounter(), limits });

    expect(await post(server.url, '{}', 'text/plain')).toEqual({
      status: 415,
      code: 'unsupported_media_type',
    });
    expect(await post(server.url, '{"input"')).toEqual({ status: 400, code: 'invalid_json' });
    expect(await post(server.url, JSON.stringify({ input: 'x'.repeat(1000) }))).toEqual({
      status: 413,
      code: 'request_too_large',
    });
    expect(await post(server.url, '['.repeat(500))).toEqual({ status: 400, code: 'too_nested' });
  });

  const many = <T>(each: T): T[] => Array.from({ length: 1001 }, () => each);
  it.each([
    [{ input: many({}) }, 'Invalid input: Too big: expected array to have <=1000 items.'],
    [{ input: [{ role: 'user', content: many({}) }] }, 'Invalid input[0].content: Too big'],
    [
      { input: [{ type: 'function_call_output', call_id: 'c', output: many({}) }] },
      'Invalid input[0].output: Too big',
    ],
    [{ input: 'a', metadata: { ...many(1) } }, 'Invalid metadata: Expected at most 16 entries.'],
  ])('is counted before its parts are looked at (%#)', async (body, message) => {
    await using server = await hosted({ workflow: buildCounter() });
    const response = await fetch(`${server.url}/responses`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });

    expect(response.status).toBe(400);
    expect((await response.json()).error.message).toContain(message);
  });

  it('hides nothing too deep in the text of an answer', async () => {
    const Ask = defineRequest('ask', { request: z.string(), response: z.json() });
    const start = defineExecutor('asker', { yields: z.string() })
      .on(String, (text, ctx) => ctx.request(Ask, text))
      .onResponse(Ask, (answer, _asked, ctx) => ctx.yield(JSON.stringify(answer)));
    const workflow = new WorkflowBuilder({ name: 'asker', start }).build();
    await using server = await hosted({ workflow });
    const { responses } = server.client;
    const paused = await responses.create({ input: 'a' });
    const [call] = paused.output;
    const answer = (output: string) =>
      responses.create({
        previous_response_id: paused.id,
        input: [
          {
            type: 'function_call_output',
            call_id: call?.type === 'function_call' ? call.call_id : '',
            output,
          },
        ],
      });

    const deep = await refusalOf(answer('['.repeat(5000) + ']'.repeat(5000)));
    const text = await answer('['.repeat(5000));

    expect(deep).toMatchObject({ status: 400, code: 'too_nested', param: 'input[0]' });
    expect(text.output_text).toBe(JSON.stringify('['.repeat(5000)));
  });

  it.each([
    [{ input: 7 }, 'input'],
    [{ input: [{ role: 'king', content: 'a' }] }, 'input[0].role'],
    [{ input: [{ type: 'web_search_call' }] }, 'input[0].type'],
    [
      { input: [{ role: 'user', content: [{ type: 'input_image' }] }] },
      'input[0].content[0].image_url',
    ],
    [
      { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }] },
      'input[0].content[0]',
    ],
    [{ input: 'a', stream: 'yes' }, 'stream'],
    [{ input: 'a', metadata: { key: 'x'.repeat(600) } }, 'metadata.key'],
    [{ input: 'a', metadata: 7 }, 'metadata'],
    [{ input: 'a', instructions: 'x'.repeat(65_536) }, 'instructions'],
    [{ input: 'a', instructions: [{ text: 'x'.repeat(65_536) }] }, 'instructions'],
    [{ input: 'a', user: 'x'.repeat(513) }, 'user'],
    [{ input: 'a', metadata: { ['k'.repeat(65)]: 'v' } }, `metadata.${'k'.repeat(65)}`],
    [{ input: 'a', store: false, background: true }, 'store'],
    [{ input: 'a', store: false, conversation: 'c' }, 'store'],
    [{ input: [] }, 'input'],
    [{}, 'input'],
    [{ input: 'a', model: 'other' }, 'model'],
  ])('that is wrong, as %j, is refused by the field', async (body, param) => {
    const app = responsesApp({ workflow: buildCounter() });
    const response = await app.request('/v1/responses', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });

    expect([400, 404]).toContain(response.status);
    expect(await response.json()).toMatchObject({ error: { param } });
  });
});

describe('a limit', () => {
  it('of runs sends more away', async () => {
    const gate = createGate();
    const limits = { maxActive: 1 };
    await using server = await hosted({ workflow: buildGated(gate), limits });
    const first = server.client.responses.create({ input: 'a' });
    await gate.isReached;

    const second = await refusalOf(server.client.responses.create({ input: 'b' }));
    gate.open();

    expect(second).toMatchObject({ status: 429, code: 'too_many_requests' });
    expect((await first).status).toBe('completed');
  });

  it('of a queue sends more away', async () => {
    const gate = createGate();
    const limits = { maxQueuedPerConversation: 1 };
    await using server = await hosted({ workflow: buildGated(gate), limits });
    const ask = () => server.client.responses.create({ input: 'a', conversation: 'c' });
    const first = ask();
    await gate.isReached;
    const refused = Promise.withResolvers<void>();
    let refusals = 0;
    const others = [ask(), ask(), ask()].map((each) =>
      each.then(
        ({ status }) => status,
        () => {
          refusals += 1;
          if (refusals === 2) refused.resolve();
          return 'refused';
        },
      ),
    );
    await refused.promise;
    gate.open();

    expect((await first).status).toBe('completed');
    const ends = await Promise.all(others);
    expect(ends.filter((end) => end === 'completed')).toHaveLength(1);
  });

  it('of time ends a response as failed', async () => {
    const gate = createGate();
    const limits = { maxRunMs: 20 };
    await using server = await hosted({ workflow: buildGated(gate), limits });

    expect(await server.client.responses.create({ input: 'a' })).toMatchObject({
      status: 'failed',
      error: { code: 'run_timeout' },
      output: [{ author: 'first' }],
    });
  });

  it('of tokens ends a response as incomplete', async () => {
    const agent = new Agent({ name: 'talker', client: scripted(['one two three four five']) });
    await using server = await hosted({ agent });

    expect(
      await server.client.responses.create({ input: 'a', max_output_tokens: 3 }),
    ).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      usage: { output_tokens: 5 },
    });
  });

  it('has to be a positive number', () => {
    expect(() => responsesApp({ workflow: buildCounter(), limits: { maxRunMs: 0 } })).toThrow(
      'maxRunMs: 0',
    );
  });
});

/** Says much at once, and then waits until it is stopped. */
function buildTalker(texts: readonly string[]) {
  const start = defineExecutor('talker', { yields: z.string() }).on(String, async (_text, ctx) => {
    for (const text of texts) ctx.yield(text);
    await new Promise((_resolve, reject) => {
      ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason), { once: true });
    });
  });
  return new WorkflowBuilder({ name: 'talker', start }).build();
}

const CREATE = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ input: 'a', stream: true }),
};
const idIn = (text: string): string => /resp_[0-9a-f]{32}/.exec(text)?.[0] ?? '';

/** Only what hangs takes as long, on the busiest machine. */
const PATIENT = { timeout: 30_000 };

/** Reads a stream to its end. */
const drain = async (reader: ReadableStreamDefaultReader | undefined): Promise<void> => {
  while ((await reader?.read())?.done === false);
};

describe('a reader of a stream that does not read', () => {
  it.each([
    ['for too long', { maxStallMs: 20 }, ['a', 'b']],
    ['too much', { maxUnreadEvents: 50 }, Array.from({ length: 100 }, () => 'a')],
  ])('%s has gone away', async (_name, limits, texts) => {
    await using server = await hosted({ workflow: buildTalker(texts), limits });
    const { body } = await server.app.request('/v1/responses', CREATE);
    const reader = body?.getReader();
    const first = new TextDecoder().decode((await reader?.read())?.value);
    const read = async () => server.client.responses.retrieve(idIn(first));

    await expect.poll(async () => (await read()).status, PATIENT).toBe('incomplete');

    expect((await read()).incomplete_details).toEqual({ reason: 'interrupted' });
    await expect(drain(reader)).rejects.toThrow(/not read|disconnected/);
  });

  it('loses its connection', async () => {
    const texts = Array.from({ length: 80 }, () => 'x'.repeat(50_000));
    const limits = { maxStallMs: 100 };
    await using server = await hosted({ workflow: buildTalker(texts), limits });
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write(
      `POST /v1/responses HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${CREATE.body.length}\r\n\r\n${CREATE.body}`,
    );
    const [chunk] = await once(socket, 'data');
    socket.pause();
    const id = idIn(String(chunk));
    await expect
      .poll(async () => (await server.client.responses.retrieve(id)).status, PATIENT)
      .toBe('incomplete');

    socket.on('error', () => undefined);
    socket.resume();

    expect(await once(socket, 'close')).toHaveLength(1);
  });

  it('again and again leaves what goes on in the background alone', async () => {
    const gate = createGate();
    await using server = await hosted({ workflow: buildGated(gate), limits: { maxStallMs: 10 } });
    const { id } = await server.client.responses.create({ input: 'a', background: true });
    const { body } = await server.app.request(`/v1/responses/${id}?stream=true`);
    const reader = body?.getReader();
    await expect
      .poll(async () => reader?.closed.then(String, String) ?? '', PATIENT)
      .toContain('not read');
    gate.open();

    await expect
      .poll(async () => (await server.client.responses.retrieve(id)).status, PATIENT)
      .toBe('completed');
  });
});

describe('closing', () => {
  it('refuses what comes, and stops what does not end where it can be gone on from', async () => {
    const gate = createGate();
    await using server = await hosted({ workflow: buildGated(gate) });
    const working = server.client.responses.create({ input: 'a' });
    await gate.isReached;

    const closed = server.app.close({ graceMs: 10 });
    const late = await refusalOf(server.client.responses.create({ input: 'b' }));
    await closed;

    expect(late).toMatchObject({ status: 503, code: 'shutting_down' });
    expect(await working).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'interrupted' },
    });
  });
});
