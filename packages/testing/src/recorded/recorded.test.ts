import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

import {
  Agent,
  agentExecutor,
  type AgentResponse,
  type ChatClient,
  ChatClientError,
  type ChatResponseUpdate,
  collectChatResponse,
  defineExecutor,
  eventToJson,
  type Message,
  textMessage,
  textOf,
  WorkflowBuilder,
} from '@colloquy/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { seededRandom } from '../random/seeded-random.ts';
import { toolCall } from '../script-entry.ts';
import { scripted } from '../scripted.ts';
import { Cassette, replayUntil } from './cassette.ts';
import { recorded } from './recorded.ts';

let folder = '';
let cassette = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cassette-'));
  cassette = join(folder, 'deep', 'x.json');
});

afterEach(() => rmSync(folder, { recursive: true }));

const say = (text: string): Message[] => [textMessage('user', text)];
const textFrom = async (client: ChatClient, text: string): Promise<string> =>
  (await collectChatResponse(client, say(text))).text;

/** Answers in several pieces, each after a while that the seed decides. */
function slow(seed: number): ChatClient & { calls: number } {
  const random = seededRandom(seed);
  return {
    calls: 0,
    async *stream(messages, { agentName } = {}): AsyncGenerator<ChatResponseUpdate> {
      this.calls += 1;
      const text = `${agentName} heard ${messages.length}: ${textOf(messages.at(-1) ?? { contents: [] })}`;
      for (const word of text.split(' ')) {
        for (let turn = random.below(6); turn >= 0; turn -= 1) await nextTurn();
        yield { contents: [{ type: 'text', text: `${word} ` }] };
      }
    },
  };
}

/** Three agents on one model, beside each other; then one who hears all three. */
function team(client: ChatClient) {
  const agents = ['ann', 'bob', 'cid'].map((name) => new Agent({ name, client }));
  const last = new Agent({ name: 'dan', client });
  const start = defineExecutor('start').on(String, (text) => text);
  const executors = agents.map((agent) => agentExecutor(agent));
  const gather = defineExecutor('gather', (replies: readonly { response: AgentResponse }[]) =>
    replies.map(({ response }) => response.text).join('|'),
  );
  const end = agentExecutor(last);
  return new WorkflowBuilder({ name: 'team', start })
    .addFanOut(start, executors)
    .addFanIn(executors, gather)
    .addEdge(gather, end)
    .build();
}

/** Every event of a run, without what is made up for it. */
async function traceOf(client: ChatClient): Promise<string[]> {
  const lines: string[] = [];
  const run = team(client).stream('go');
  for await (const event of run) {
    const { runId: _runId, timestamp: _timestamp, ...rest } = eventToJson(event);
    lines.push(JSON.stringify(rest));
  }
  await run.result;
  return lines;
}

describe('recorded', () => {
  it('records what a model answers, piece by piece, and answers without it', async () => {
    const piecesOf = async (client: ChatClient): Promise<ChatResponseUpdate[]> => {
      const pieces = [];
      for await (const piece of client.stream(say('hi'), { agentName: 'ann' })) pieces.push(piece);
      return pieces;
    };
    const model = slow(1);
    const first = await piecesOf(recorded(model, { cassette, mode: 'record' }));

    expect(await piecesOf(recorded(undefined, { cassette }))).toEqual(first);
    expect(first).toHaveLength(4);
    expect(model.calls).toBe(1);
  });

  it('replays a run with branches beside each other byte for byte, whatever the model is', async () => {
    const mode = 'record';
    const traces = [];
    for (const seed of [1, 2, 3]) {
      const path = join(folder, `${seed}.json`);
      const first = await traceOf(recorded(slow(seed), { cassette: path, mode }));
      expect(await traceOf(recorded(undefined, { cassette: path }))).toEqual(first);
      traces.push(first.join('\n'));
    }

    expect(new Set(traces).size).toBe(3);
  });

  it('lets a team share a cassette', async () => {
    const both = (options: ConstructorParameters<typeof Cassette>[1], model?: ChatClient) => {
      const shared = new Cassette(cassette, options);
      return [
        recorded(model, { cassette: shared }),
        recorded(model, { cassette: shared }),
      ] as const;
    };
    const [one, other] = both({ mode: 'record' }, scripted(['a', 'b']));
    await textFrom(one, 'x');
    await textFrom(other, 'y');
    const [again, andAgain] = both({});

    expect(await textFrom(andAgain, 'y')).toBe('b');
    expect(again.cassette.unused).toHaveLength(1);
    expect(await textFrom(again, 'x')).toBe('a');
  });

  it('tells when two cassettes write one file', async () => {
    const one = recorded(scripted(['a', 'b']), { cassette, mode: 'record' });
    const other = recorded(scripted(['c', 'd']), { cassette, mode: 'record' });
    await textFrom(one, 'x');
    await textFrom(other, 'x');

    await expect(textFrom(one, 'y')).rejects.toMatchObject({ code: 'testing/cassette-shared' });
  });

  it('tells the next request when what a reader left could not be stored', async () => {
    const one = recorded(scripted(['a', ['b', 'c'], 'd']), { cassette, mode: 'record' });
    const other = recorded(scripted(['x']), { cassette, mode: 'record' });
    await textFrom(one, 'x');
    await textFrom(other, 'x');
    for await (const piece of one.stream(say('y'))) if (textOf(piece) === 'b') break;

    await expect(textFrom(one, 'z')).rejects.toMatchObject({ code: 'testing/cassette-shared' });
  });

  it('shows how a request differs from the nearest recording', async () => {
    await textFrom(recorded(scripted(['a']), { cassette, mode: 'record' }), 'in Oslo');
    const asked = textFrom(recorded(undefined, { cassette }), 'in Rome');

    await expect(asked).rejects.toMatchObject({ code: 'testing/cassette-mismatch' });
    await expect(textFrom(recorded(undefined, { cassette }), 'in Rome')).rejects.toThrow(
      /\n- +"text": "in Oslo",\n\+ +"text": "in Rome",\n/,
    );
  });

  it('answers each recording once', async () => {
    await textFrom(recorded(scripted(['a']), { cassette, mode: 'record' }), 'x');
    const client = recorded(undefined, { cassette });
    await textFrom(client, 'x');

    await expect(textFrom(client, 'x')).rejects.toThrow('recorded fewer times than it is asked');
  });

  it('records what is missing, and nothing else', async () => {
    await textFrom(recorded(scripted(['a']), { cassette, mode: 'record' }), 'x');
    const model = scripted(['b']);
    const client = recorded(model, { cassette, mode: 'record-missing' });
    const texts = [await textFrom(client, 'x'), await textFrom(client, 'y')];
    const again = recorded(undefined, { cassette });

    expect(texts).toEqual(['a', 'b']);
    expect([await textFrom(again, 'y'), await textFrom(again, 'x')]).toEqual(['b', 'a']);
    model.assertExhausted();
  });

  it('replays up to a request and then goes live', async () => {
    const first = recorded(scripted(['a', 'b', 'c']), { cassette, mode: 'record' });
    for (const text of ['x', 'y', 'z']) await textFrom(first, text);
    const before = readFileSync(cassette, 'utf8');
    const client = recorded(scripted(['B', 'C']), { cassette, mode: replayUntil(1) });

    expect([await textFrom(client, 'x'), await textFrom(client, 'y')]).toEqual(['a', 'B']);
    expect(readFileSync(cassette, 'utf8')).toBe(before);
  });

  it('keeps errors as what they were', async () => {
    const limit = new ChatClientError('Slow down.', {
      code: 'chat-client/rate-limit',
      retryable: true,
      status: 429,
      retryAfterMs: 20,
    });
    const model = scripted([['half', limit], new TypeError('odd')]);
    const client = recorded(model, { cassette, mode: 'record' });
    await textFrom(client, 'x').catch(() => {});
    await textFrom(client, 'y').catch(() => {});
    const again = recorded(undefined, { cassette });

    await expect(textFrom(again, 'x')).rejects.toMatchObject({
      name: 'ChatClientError',
      message: 'Slow down.',
      code: 'chat-client/rate-limit',
      retryAfterMs: 20,
    });
    await expect(textFrom(again, 'y')).rejects.toMatchObject({ name: 'TypeError', message: 'odd' });
  });

  it('keeps an answer that its reader left, which then waits to be left', async () => {
    const ask = async (client: ChatClient): Promise<string> => {
      const controller = new AbortController();
      let text = '';
      try {
        for await (const piece of client.stream(say('x'), { signal: controller.signal })) {
          text += textOf(piece);
          if (text.length > 10) queueMicrotask(() => controller.abort('enough'));
        }
      } catch (error) {
        return `${text}, ${String(error)}`;
      }
      return text;
    };
    const hanging: ChatClient = {
      async *stream() {
        yield { contents: [{ type: 'text', text: 'a long beginning' }] };
        await new Promise(() => {});
      },
    };
    const controller = new AbortController();
    const iterator = recorded(hanging, { cassette, mode: 'record' }).stream(say('x'), {
      signal: controller.signal,
    });
    await iterator.next();
    const never = iterator.next();
    controller.abort('enough');
    never.catch(() => {});

    expect(await ask(recorded(undefined, { cassette }))).toBe('a long beginning, enough');
  });

  it('stores no secrets, and finds recordings all the same', async () => {
    const secret = 'sk-abcdefghijklmnopqrstuv';
    const ask = (client: ChatClient) =>
      collectChatResponse(client, say(`my key is ${secret}, my name is Eve`), {
        extra: { apiKey: 'plain' },
        instructions: 'Authorization: Bearer abcdefgh12345678',
      });
    const redact = (text: string): string => text.replaceAll('Eve', '[name]');
    const model = scripted([`I got ${secret}`]);
    const live = await ask(recorded(model, { cassette, mode: 'record', redact }));
    const text = readFileSync(cassette, 'utf8');
    const replayed = await ask(recorded(undefined, { cassette, redact }));

    expect(live.text).toContain(secret);
    expect(text).not.toMatch(/sk-abc|plain|abcdefgh12345678|Eve/);
    expect(replayed.text).toBe('I got [redacted]');
  });

  it('replays tool calls and their arguments', async () => {
    const model = scripted([toolCall('look', { at: 'x' })]);
    const first = await collectChatResponse(
      recorded(model, { cassette, mode: 'record' }),
      say('x'),
    );

    expect(await collectChatResponse(recorded(undefined, { cassette }), say('x'))).toEqual(first);
  });

  it('refuses a file that holds something else, none at all, and nobody to ask', async () => {
    const open = (path: string) => () => recorded(undefined, { cassette: path });
    const other = join(folder, 'other.json');
    writeFileSync(other, '{"version": 1, "recordings": [{}]}');

    expect(open(cassette)).toThrow('Record them first');
    expect(open(other)).toThrow('Delete the file and record again');
    await expect(
      textFrom(recorded(undefined, { cassette, mode: 'record-missing' }), 'x'),
    ).rejects.toMatchObject({ code: 'testing/cassette-no-client' });
  });
});
