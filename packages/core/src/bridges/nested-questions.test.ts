import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { type AgentLike } from '../agents/agent-like.ts';
import { AgentSession } from '../agents/agent-session.ts';
import { Agent } from '../agents/agent.ts';
import { MemoryCheckpointStore } from '../checkpoint/memory-checkpoint-store.ts';
import { defineExecutor } from '../graph/executor-definition.ts';
import { defineRequest } from '../graph/request-type.ts';
import { type Message, textMessage } from '../messages/message.ts';
import { type PendingRequest } from '../messages/pending-request.ts';
import { type AgentResponse } from '../messages/response.ts';
import { defineWorkflow } from '../workflow/define-workflow.ts';
import { defineTool } from '../tools/define-tool.ts';
import { WorkflowBuilder } from '../workflow/workflow-builder.ts';
import { subWorkflow } from './workflow-executor.ts';
import { scripted, toolCall } from '@colloquy/testing';

const Ask = defineRequest('ask', {
  request: z.object({ question: z.string() }),
  response: z.object({ text: z.string().transform((text) => `<${text}>`) }),
});

/** Asks every question of a text, one a word; says each answer. */
const buildAsker = (
  options: { readonly fails?: () => boolean; readonly failsOn?: string } = {},
) => {
  const asker = defineExecutor('asker')
    .on(String, (text, ctx) => {
      if (text === options.failsOn) throw new Error(text);
      for (const question of text.split(' ')) ctx.request(Ask, { question });
    })
    .onResponse(Ask, ({ text }, { question }, ctx) => {
      if (options.fails?.() === true) throw new Error('broken');
      ctx.yield(`${question} ${text}`);
    });
  return new WorkflowBuilder({ name: 'asker', start: asker }).build();
};

const program = defineWorkflow(
  'program',
  async (input: string, ctx) => {
    const { text } = await ctx.request(Ask, { question: input });
    return `${input} ${text}`;
  },
  { input: z.string() },
);

const around = (agent: AgentLike, checkpoints = new MemoryCheckpointStore()) =>
  new WorkflowBuilder({ name: 'outer', start: agent, checkpoints }).build();

const idOf = (requests: readonly PendingRequest[], question: string): string => {
  const found = requests.find(
    ({ data }) => z.object({ question: z.string() }).parse(data).question === question,
  );
  return found?.id ?? '';
};

describe('the request of a workflow that takes part as an agent', () => {
  it('reaches the outer workflow as it was asked, with the path to who asked', async () => {
    const result = await around(buildAsker().asAgent({ name: 'inner' })).run('who');

    expect(result).toMatchObject({ state: 'idle_with_pending_requests', outputs: [] });
    expect(result.pendingRequests).toMatchObject([
      {
        type: 'ask',
        executorId: 'inner',
        path: ['inner', 'asker'],
        data: { question: 'who' },
        responseSchema: { type: 'object' },
      },
    ]);
  });

  it('is answered there, and the reply is what was said, without the question', async () => {
    const workflow = around(buildAsker().asAgent({ name: 'inner' }));
    const { pendingRequests } = await workflow.run('who');

    const responses = { [idOf(pendingRequests, 'who')]: { text: 'me' } };
    const done = await workflow.resume({ responses });

    expect(done.state).toBe('idle');
    expect(done.outputs).toMatchObject([
      { text: 'who <me>', messages: [{ contents: [{ type: 'text', text: 'who <me>' }] }] },
    ]);
  });

  it('waits until all have been answered, and takes the answers one by one', async () => {
    const workflow = around(buildAsker().asAgent({ name: 'inner' }));
    const { pendingRequests } = await workflow.run('who why');

    const first = await workflow.resume({
      responses: { [idOf(pendingRequests, 'why')]: { text: 'so' } },
    });
    const second = await workflow.resume({
      responses: { [idOf(pendingRequests, 'who')]: { text: 'me' } },
    });

    expect(first).toMatchObject({ outputs: [], state: 'idle_with_pending_requests' });
    expect(second.outputs).toMatchObject([
      { messages: [{ contents: [{ text: 'who <me>' }] }, { contents: [{ text: 'why <so>' }] }] },
    ]);
  });

  it('refuses an answer that does not fit, and still waits', async () => {
    const workflow = around(buildAsker().asAgent({ name: 'inner' }));
    const { pendingRequests } = await workflow.run('who');
    const id = idOf(pendingRequests, 'who');

    await expect(workflow.resume({ responses: { [id]: { text: 1 } } })).rejects.toMatchObject({
      code: 'request/invalid-response',
    });
    expect((await workflow.resume({ responses: { [id]: { text: 'me' } } })).state).toBe('idle');
  });

  it('goes on in another process', async () => {
    const store = new MemoryCheckpointStore();
    const { checkpointId = '', pendingRequests } = await around(
      buildAsker().asAgent({ name: 'inner' }),
      store,
    ).run('who');

    const responses = { [idOf(pendingRequests, 'who')]: { text: 'me' } };
    const elsewhere = around(buildAsker().asAgent({ name: 'inner' }), store);
    const done = await elsewhere.resume({ checkpointId, responses });

    expect(done.outputs).toMatchObject([{ text: 'who <me>' }]);
  });

  it('has its answer taken again when what it led to has failed', async () => {
    let isBroken = true;
    const inner = buildAsker({ fails: () => isBroken }).asAgent({ name: 'inner' });
    const workflow = around(inner);
    const { pendingRequests } = await workflow.run('who');
    const responses = { [idOf(pendingRequests, 'who')]: { text: 'me' } };
    await expect(workflow.resume({ responses })).rejects.toThrow('broken');

    isBroken = false;
    const done = await workflow.resume();

    expect(done.outputs).toMatchObject([{ text: 'who <me>' }]);
  });

  it('lets what comes meanwhile wait, and has it read after the answer', async () => {
    const workflow = around(buildAsker().asAgent({ name: 'inner' }));
    const { pendingRequests } = await workflow.run('who');
    const waiting = await workflow.run('why');

    const [request] = pendingRequests;
    const second = await workflow.resume({
      responses: { [request?.id ?? '']: { text: 'me' } },
    });
    const done = await workflow.resume({
      responses: { [idOf(second.pendingRequests, 'why')]: { text: 'so' } },
    });

    expect(waiting.pendingRequests).toEqual(pendingRequests);
    expect(second).toMatchObject({ outputs: [], pendingRequests: [{ data: { question: 'why' } }] });
    expect(done.outputs).toMatchObject([
      { messages: [{ contents: [{ text: 'who <me>' }] }, { contents: [{ text: 'why <so>' }] }] },
    ]);
  });

  it('is told once when an answer and something said are streamed together', async () => {
    const agent = buildAsker().asAgent({ name: 'inner' });
    const session = agent.createSession();
    const { pendingRequests = [] } = await agent.run('who', { session });
    const result = { callId: pendingRequests[0]?.id ?? '', result: { text: 'me' } };
    const contents = [{ type: 'function_result' as const, ...result }];

    const stream = agent.stream([{ role: 'user', contents }, textMessage('user', 'why')], {
      session,
    });
    const told: unknown[] = [];
    for await (const update of stream) told.push(...update.contents);

    expect(told).toEqual((await stream.response).messages.flatMap((message) => message.contents));
    expect(told).toMatchObject([{ text: 'who <me>' }, { type: 'function_call', name: 'ask' }]);
  });

  it('is still open where what came meanwhile has failed after its answer', async () => {
    const agent = buildAsker({ failsOn: 'boom' }).asAgent({ name: 'inner' });
    const workflow = around(agent);
    const { pendingRequests } = await workflow.run('who');
    await workflow.run('boom');
    const responses = { [idOf(pendingRequests, 'who')]: { text: 'me' } };
    await expect(workflow.resume({ responses })).rejects.toThrow('boom');

    await expect(workflow.resume()).rejects.toThrow('boom');
    expect((await workflow.run('why')).pendingRequests).toMatchObject([
      { data: { question: 'who' } },
    ]);
  });

  it('is forgotten at reset', async () => {
    const workflow = around(buildAsker().asAgent({ name: 'inner' }));
    await workflow.run('who');
    await workflow.resetForNewRun();

    const { pendingRequests } = await workflow.run('why');

    expect(pendingRequests).toMatchObject([{ data: { question: 'why' } }]);
  });

  it('goes up through every workflow around it', async () => {
    const middle = around(buildAsker().asAgent({ name: 'inner' })).asAgent({ name: 'middle' });
    const workflow = around(middle);
    const { pendingRequests } = await workflow.run('who');

    const done = await workflow.resume({
      responses: { [idOf(pendingRequests, 'who')]: { text: 'me' } },
    });

    expect(pendingRequests).toMatchObject([{ path: ['middle', 'inner', 'asker'] }]);
    expect(done.outputs).toMatchObject([{ text: 'who <me>' }]);
  });

  it('is told as one event, and not as something said', async () => {
    const middle = around(buildAsker().asAgent({ name: 'inner' })).asAgent({ name: 'middle' });
    const run = around(middle).stream('who');

    const types: string[] = [];
    for await (const { type } of run) types.push(type);

    expect(types.filter((type) => type === 'request_info')).toHaveLength(1);
    expect(types).not.toContain('agent_update');
  });

  it('of a program comes up too; it judges the answer as it runs, and can be answered again from the checkpoint before', async () => {
    const workflow = around(program.asAgent());
    const { checkpointId = '', pendingRequests } = await workflow.run('who');
    const id = idOf(pendingRequests, 'who');

    await expect(workflow.resume({ responses: { [id]: 'me' } })).rejects.toThrow(/expected object/);
    const done = await workflow.resume({ checkpointId, responses: { [id]: { text: 'me' } } });

    expect(done.outputs).toMatchObject([{ text: 'who <me>' }]);
  });

  it('of a program that is a sub-workflow comes up too', async () => {
    const store = new MemoryCheckpointStore();
    const build = () =>
      new WorkflowBuilder({
        name: 'outer',
        start: subWorkflow(program, { id: 'inner', outputs: 'yield' }),
        checkpoints: store,
      }).build();
    const { checkpointId = '', pendingRequests } = await build().run('who');
    const responses = { [idOf(pendingRequests, 'who')]: { text: 'me' } };

    expect((await build().resume({ checkpointId, responses })).outputs).toEqual(['who <me>']);
  });

  it('of an agent that is no workflow is answered with a function result', async () => {
    const asked: PendingRequest = {
      id: 'q1',
      type: 'form',
      executorId: 'elsewhere',
      data: { field: 'name' },
      responseSchema: {},
    };
    const heard: (readonly Message[])[] = [];
    const answer = (messages: readonly Message[]): AgentResponse => ({
      agentName: 'remote',
      messages: heard.push(messages) === 1 ? [] : [textMessage('assistant', 'done', 'remote')],
      text: '',
      usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
      value: undefined,
      approvalRequests: [],
      ...(heard.length === 1 ? { pendingRequests: [asked] } : {}),
    });
    const remote: AgentLike = {
      id: 'remote',
      name: 'remote',
      description: 'Elsewhere.',
      run: async (input) => answer(Array.isArray(input) ? input : []),
      stream: () => {
        throw new Error('not streamed');
      },
      createSession: () => new AgentSession(),
    };
    const workflow = around(remote);
    const { pendingRequests } = await workflow.run('hi');
    const [{ id, path } = { id: '', path: [] }] = pendingRequests;

    const done = await workflow.resume({ responses: { [id]: 'Ada' } });

    expect(path).toEqual(['remote', 'elsewhere']);
    expect(heard[1]).toMatchObject([
      { contents: [{ type: 'function_result', callId: 'q1', result: 'Ada' }] },
    ]);
    expect(done.outputs).toMatchObject([{ agentName: 'remote' }]);
  });
});

describe('an answer whose superstep failed beside it', () => {
  it('is given again, and the reply of the first time is sent', async () => {
    let isBroken = true;
    const pay = defineTool({
      name: 'pay',
      description: 'Pays.',
      input: z.object({}),
      needsApproval: true,
      execute: () => 'paid',
    });
    const client = scripted([toolCall('pay', {}), 'Paid.']);
    const payer = new Agent({ name: 'payer', client, tools: [pay] });
    const asker = buildAsker({ fails: () => isBroken }).asAgent({ name: 'inner' });
    const start = defineExecutor('start', (text: string) => text);
    const workflow = new WorkflowBuilder({ name: 'outer', start })
      .addFanOut(start, [payer, asker])
      .build();
    const { pendingRequests } = await workflow.run('who');
    const responses = Object.fromEntries(
      pendingRequests.map(({ id, type }) => [
        id,
        type === 'ask' ? { text: 'me' } : { approve: true },
      ]),
    );
    await expect(workflow.resume({ responses })).rejects.toThrow('broken');

    isBroken = false;
    const { outputs } = await workflow.resume({ responses });

    expect(outputs).toMatchObject([{ text: 'Paid.' }, { text: 'who <me>' }]);
    expect(client.requests).toHaveLength(2);
  });
});
