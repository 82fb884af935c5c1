import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type ChatClient, type ChatResponseUpdate } from '@colloquy/core';
import { afterAll, describe, expect, it } from 'vitest';

import { chatClientSuite, type ConnectClient } from './chat-client-suite.ts';
import { faulty } from './faults/faulty.ts';
import { recorded } from './recorded/recorded.ts';
import { scripted } from './scripted.ts';
import { seededScheduler } from './time/seeded-scheduler.ts';

const folder = mkdtempSync(join(tmpdir(), 'cassettes-'));
let cassettes = 0;

afterAll(() => rmSync(folder, { recursive: true }));

const plain: ConnectClient = ({ script, faults }) => {
  const model = scripted(script);
  const client = faults === undefined ? model : faulty(model, faults);
  return { client, requests: model.requests };
};

const recording: ConnectClient = async (model) => {
  cassettes += 1;
  const { client, ...rest } = await plain(model);
  const cassette = join(folder, `${cassettes}.json`);
  return { ...rest, client: recorded(client, { cassette, mode: 'record' }) };
};

const scheduled: ConnectClient = async (model) => {
  const { client, ...rest } = await plain(model);
  return { ...rest, client: seededScheduler(1).client(client) };
};

describe.each([
  ['a scripted client', plain],
  ['a recording client', recording],
  ['a scheduled client', scheduled],
])('%s', (_, connect) => {
  it.each(chatClientSuite(connect))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

/** Clients with something wrong. */
const BROKEN: Readonly<Record<string, (client: ChatClient) => ChatClient['stream']>> = {
  'drops the last piece': (client) =>
    async function* stream(...args) {
      let last: ChatResponseUpdate | undefined;
      for await (const update of client.stream(...args)) {
        if (last !== undefined) yield last;
        last = update;
      }
    },
  'ignores its signal': (client) => (messages, options) => {
    const { signal: _signal, ...rest } = options ?? {};
    return client.stream(messages, rest);
  },
  remembers: (client) => {
    const said: Parameters<ChatClient['stream']>[0][number][] = [];
    return (messages, options) => {
      said.push(...messages);
      return client.stream([...said], options);
    };
  },
  'swallows errors': (client) =>
    async function* stream(...args) {
      try {
        yield* client.stream(...args);
      } catch {
        yield { contents: [], finishReason: 'stop' };
      }
    },
};

describe('the suite', () => {
  it.for(Object.entries(BROKEN))('finds a client that %s', async ([, breakIt], { task }) => {
    Object.assign(task.meta, { breaksRequestRules: true });
    const connect: ConnectClient = async (model) => {
      const connected = await plain(model);
      return { ...connected, client: { stream: breakIt(connected.client) } };
    };
    const failed: string[] = [];
    for (const { name, run } of chatClientSuite(connect)) {
      const timedOut = new Promise((_resolve, reject) => {
        setTimeout(() => reject(new Error('hangs')), 50);
      });
      await Promise.race([run(), timedOut]).catch(() => failed.push(name));
    }

    expect(failed).not.toEqual([]);
  });
});
