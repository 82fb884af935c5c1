import { type AddressInfo } from 'node:net';

import { Agent, MemoryCheckpointStore } from '@colloquy/core';
import { responsesApp } from '@colloquy/hosting';
import { groupChat, roundRobin } from '@colloquy/orchestrations';
import { scripted } from '@colloquy/testing';
import { serve } from '@hono/node-server';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';

const buildTeam = () => {
  const client = scripted([
    ({ messages }) => `read ${messages.length}`,
    ({ messages }) => `read ${messages.length}`,
  ]);
  return groupChat({
    name: 'research',
    participants: [new Agent({ name: 'writer', client })],
    selectSpeaker: roundRobin(),
    maxRounds: 1,
  });
};

describe('the page of the public API, on hosting', () => {
  it('serves a workflow that the official client starts clean and goes on with', async () => {
    const checkpoints = new MemoryCheckpointStore();
    const listening = Promise.withResolvers<AddressInfo>();
    const { fetch } = responsesApp({ workflow: () => buildTeam(), checkpoints });
    const server = serve({ fetch, port: 0, hostname: '127.0.0.1' }, listening.resolve);
    const { port } = await listening.promise;
    const openai = new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: 'local' });

    const a = await openai.responses.create({ model: 'research', input: 'Task A' });
    const b = await openai.responses.create({
      model: 'research',
      input: 'go on',
      previous_response_id: a.id,
    });
    server.close();

    expect([a.output_text, b.output_text]).toEqual(['read 1', 'read 3']);
  });
});
