import { Agent as HostedAgent, defineTool } from '@colloquy/core';
import { groupChat, roundRobin } from '@colloquy/orchestrations';
import { type RecordedRequest, scripted, toolCall } from '@colloquy/testing';
import {
  Agent,
  hostedMcpTool,
  OpenAIResponsesModel,
  run,
  setTracingDisabled,
  tool,
} from '@openai/agents';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { type Hosted, hosted } from './hosted.ts';
import { buildCounter, buildPublisher } from './workflows.ts';

setTracingDisabled(true);

/** What the last tool has given. */
const resultOf = ({ messages }: RecordedRequest): string =>
  (messages.at(-1)?.contents ?? [])
    .map((content) => String(Reflect.get(content, 'result')))
    .join('');

const agentOn = ({ client }: Hosted, model: string): Agent =>
  new Agent({ name: 'caller', model: new OpenAIResponsesModel(client, model) });

describe('an agent of @openai/agents whose model is the host', () => {
  it('holds a conversation by response ids', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const agent = agentOn(server, 'counter');

    const first = await run(agent, 'a');
    const second = await run(agent, 'b', { previousResponseId: first.lastResponseId ?? '' });
    const third = await run(agent, 'c', { previousResponseId: second.lastResponseId ?? '' });

    expect([first, second, third].map(({ finalOutput }) => finalOutput)).toEqual([
      '1: a',
      '2: b',
      '3: c',
    ]);
  });

  it('holds a conversation by its id, streamed', async () => {
    await using server = await hosted({ workflow: buildCounter() });
    const agent = agentOn(server, 'counter');
    const { id } = await server.client.conversations.create();
    const ask = async (input: string) => {
      const result = await run(agent, input, { stream: true, conversationId: id });
      await result.completed;
      return result.finalOutput;
    };

    expect([await ask('a'), await ask('b')]).toEqual(['1: a', '2: b']);
  });

  it('keeps the history itself, which a clean start is then given', async () => {
    const writer = scripted(['Hello.', ({ messages }) => `I read ${messages.length}.`]);
    const workflow = groupChat({
      name: 'chat',
      participants: [new HostedAgent({ name: 'writer', client: writer })],
      selectSpeaker: roundRobin(),
      maxRounds: 1,
    });
    await using server = await hosted({ workflow });
    const agent = agentOn(server, 'chat');

    const first = await run(agent, 'Hi');
    const second = await run(agent, [...first.history, { role: 'user', content: 'And?' }]);

    expect(second.finalOutput).toBe('I read 3.');
  });

  it('is asked for approvals', async () => {
    const refund = defineTool({
      name: 'refund',
      description: 'Pays back',
      input: z.object({ amount: z.number() }),
      needsApproval: true,
      execute: ({ amount }) => `paid ${amount}`,
    });
    const client = scripted([toolCall('refund', { amount: 7 }), resultOf]);
    await using server = await hosted({
      agent: new HostedAgent({ name: 'cashier', client, tools: [refund] }),
    });
    const asked: string[] = [];
    const approvals = hostedMcpTool({
      serverLabel: 'cashier',
      serverUrl: server.url,
      requireApproval: 'always',
      onApproval: async (_context, { rawItem }) => {
        asked.push(String(Reflect.get(rawItem, 'name')));
        return { approve: true };
      },
    });
    const agent = new Agent({
      name: 'caller',
      model: new OpenAIResponsesModel(server.client, 'cashier'),
      tools: [approvals],
    });

    const result = await run(agent, 'refund me', { conversationId: 'c' });

    expect(asked).toEqual(['refund']);
    expect(result.finalOutput).toBe('paid 7');
  });

  it('answers requests with a tool of its own', async () => {
    await using server = await hosted({ workflow: buildPublisher() });
    const approve = tool({
      name: 'approval',
      description: 'Answers for a human',
      strict: false,
      parameters: {
        type: 'object',
        properties: {},
        required: [],
        additionalProperties: true,
      },
      execute: async () => ({ approve: true }),
    });
    const agent = new Agent({
      name: 'caller',
      model: new OpenAIResponsesModel(server.client, 'publisher'),
      tools: [approve],
    });

    const result = await run(agent, 'draft', { conversationId: 'c' });

    expect(result.finalOutput).toBe('published draft');
  });
});
