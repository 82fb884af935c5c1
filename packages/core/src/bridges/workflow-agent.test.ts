import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { AgentSession } from '../agents/agent-session.ts';
import { Agent } from '../agents/agent.ts';
import { MemoryCheckpointStore } from '../checkpoint/memory-checkpoint-store.ts';
import { defineExecutor } from '../graph/executor-definition.ts';
import { Executor } from '../graph/executor.ts';
import { on } from '../graph/handler.ts';
import { defineRequest } from '../graph/request-type.ts';
import { type Content } from '../messages/content.ts';
import { type Message, textMessage } from '../messages/message.ts';
import { type AgentResponseUpdate } from '../messages/response-update.ts';
import { defineTool } from '../tools/define-tool.ts';
import { type WorkflowOptions } from '../workflow/builder-options.ts';
import { WorkflowBuilder } from '../workflow/workflow-builder.ts';
import { chunks, scripted, toolCall } from '@colloquy/testing';

/** Counts what it is told. */
const buildCounter = (options: WorkflowOptions = {}) => {
  const counter = defineExecutor('counter', { state: () => ({ seen: 0 }) }).on(
    String,
    (text, ctx) => {
      ctx.state.seen += 1;
      if (text === 'fail') throw new Error('broken');
      ctx.yield(`${ctx.state.seen}: ${text}`);
    },
  );
  return new WorkflowBuilder({ name: 'counter', start: counter, ...options }).build();
};

const Ask = defineRequest('ask', {
  request: z.object({ question: z.string() }),
  response: z.object({ text: z.string() }),
});

const buildAsker = (options: WorkflowOptions = {}) => {
  const asker = defineExecutor('asker')
    .on(String, (question, ctx) => ctx.request(Ask, { question }))
    .onResponse(Ask, ({ text }, { question }, ctx) => ctx.yield(`${question} ${text}`));
  return new WorkflowBuilder({ name: 'asker', start: asker, ...options }).build();
};

const callIdOf = (messages: readonly Message[]): string =>
  messages
    .flatMap(({ contents }) => contents)
    .map((content) => (content.type === 'function_call' ? content.callId : ''))
    .join('');

const resultFor = (callId: string, text: string): Message => ({
  role: 'tool',
  contents: [{ type: 'function_result', callId, result: { text } }],
});

describe('a workflow as an agent', () => {
  it('is named and described as the workflow, unless it is told otherwise', () => {
    const workflow = buildCounter({ description: 'Counts.' });

    expect(workflow.asAgent()).toMatchObject({ name: 'counter', description: 'Counts.' });
    expect(workflow.asAgent({ name: 'n', description: 'd', id: 'i' })).toMatchObject({
      name: 'n',
      description: 'd',
      id: 'i',
    });
  });

  it('answers with what the workflow yields', async () => {
    const response = await buildCounter().asAgent().run('hello');

    expect(response).toMatchObject({
      agentName: 'counter',
      messages: [textMessage('assistant', '1: hello', 'counter')],
      text: '1: hello',
      approvalRequests: [],
    });
  });

  it('remembers nothing without a session', async () => {
    const agent = buildCounter().asAgent();
    await agent.run('one');

    expect((await agent.run('two')).text).toBe('1: two');
  });

  it('G1: gives every session an instance of its own', async () => {
    const agent = buildCounter().asAgent();
    const [first, second] = [agent.createSession(), agent.createSession()];
    await agent.run('a', { session: first });
    await agent.run('b', { session: second });

    const texts = await Promise.all([
      agent.run('c', { session: first }),
      agent.run('d', { session: second }),
      agent.run('e', { session: agent.createSession() }),
    ]);

    expect(texts.map(({ text }) => text)).toEqual(['2: c', '2: d', '1: e']);
  });

  it('is not touched by runs of the workflow itself', async () => {
    const workflow = buildCounter();
    const agent = workflow.asAgent();
    await workflow.run('x');

    expect((await agent.run('a', { session: agent.createSession() })).text).toBe('1: a');
    expect((await workflow.run('y')).outputs).toEqual(['2: y']);
  });

  it.each([
    ['a checkpoint', () => new MemoryCheckpointStore()],
    ['the snapshot that it carries', () => undefined],
  ])('goes on from a session’s JSON by %s', async (_, createStore) => {
    const options = { checkpoints: createStore() };
    const agent = buildCounter(options).asAgent();
    const session = agent.createSession();
    await agent.run('one', { session });
    await agent.run('two', { session });
    const json: unknown = JSON.parse(JSON.stringify(session));

    const elsewhere = buildCounter(options).asAgent();
    const restored = AgentSession.fromJSON(json);

    expect((await elsewhere.run('three', { session: restored })).text).toBe('3: three');
    expect(restored.history).toHaveLength(6);
  });

  it('loses to another process that went on with the same session, and then goes on beside it', async () => {
    const options = { checkpoints: new MemoryCheckpointStore() };
    const agent = buildCounter(options).asAgent();
    const session = agent.createSession();
    await agent.run('one', { session });
    const copy = AgentSession.fromJSON(JSON.parse(JSON.stringify(session)));
    await buildCounter(options).asAgent().run('two', { session: copy });

    await expect(agent.run('zwei', { session })).rejects.toMatchObject({
      code: 'checkpoint/conflict',
    });

    expect((await agent.run('zwei', { session })).text).toBe('2: zwei');
    expect((await buildCounter(options).asAgent().run('three', { session: copy })).text).toBe(
      '3: three',
    );
  });

  it('G2: leaves the session as it was when a run fails, and can be run again', async () => {
    const agent = buildCounter().asAgent();
    const session = agent.createSession();
    await agent.run('one', { session });
    const before = JSON.stringify(session);

    await expect(agent.run('fail', { session })).rejects.toMatchObject({
      code: 'workflow/executor-failed',
    });

    expect(JSON.stringify(session)).toBe(before);
    expect((await agent.run('two', { session })).text).toBe('2: two');
  });

  it('refuses a second run of a session at once', async () => {
    const agent = buildCounter().asAgent();
    const session = agent.createSession();
    const running = agent.run('one', { session });

    await expect(agent.run('two', { session })).rejects.toMatchObject({ code: 'session/busy' });
    expect((await running).text).toBe('1: one');
  });

  it('rejects with the signal’s reason', async () => {
    const agent = buildCounter().asAgent();
    const reason = new Error('enough');

    const run = agent.run('one', { signal: AbortSignal.abort(reason) });

    await expect(run).rejects.toBe(reason);
  });

  it('gives messages to a start that takes them', async () => {
    const taker = defineExecutor('taker').on(
      z.array(z.object({ role: z.string(), contents: z.array(z.unknown()) })),
      (messages, ctx) => ctx.yield(messages.length),
    );
    const agent = new WorkflowBuilder({ name: 'taker', start: taker }).build().asAgent();

    expect((await agent.run(['a', 'b'])).text).toBe('2');
  });

  it('shows requests as calls and takes results as answers', async () => {
    const agent = buildAsker().asAgent();
    const session = agent.createSession();

    const asked = await agent.run('who?', { session });
    const callId = callIdOf(asked.messages);
    const answered = await agent.run(resultFor(callId, 'Al'), { session });

    expect(asked.messages).toEqual([
      {
        role: 'assistant',
        authorName: 'asker',
        contents: [{ type: 'function_call', callId, name: 'ask', arguments: { question: 'who?' } }],
      },
    ]);
    expect(answered.text).toBe('who? Al');
  });

  it('takes an answer in another process', async () => {
    const agent = buildAsker().asAgent();
    const session = agent.createSession();
    const asked = await agent.run('who?', { session });

    const restored = AgentSession.fromJSON(JSON.parse(JSON.stringify(session)));
    const answer = resultFor(callIdOf(asked.messages), 'Al');
    const answered = await buildAsker().asAgent().run(answer, { session: restored });

    expect(answered.text).toBe('who? Al');
  });

  it('refuses an answer given twice, or one that does not fit, and keeps the session', async () => {
    const agent = buildAsker().asAgent();
    const session = agent.createSession();
    const callId = callIdOf((await agent.run('who?', { session })).messages);
    const unfit: Message = {
      role: 'tool',
      contents: [{ type: 'function_result', callId, result: 7 }],
    };

    await expect(agent.run(unfit, { session })).rejects.toMatchObject({
      code: 'request/invalid-response',
    });
    await agent.run(resultFor(callId, 'Al'), { session });

    await expect(agent.run(resultFor(callId, 'Bo'), { session })).rejects.toMatchObject({
      code: 'request/stale',
    });
    expect((await agent.run('and?', { session })).messages).toHaveLength(1);
  });

  it.each<[string, readonly Content[], string]>([
    [
      'an error as an answer',
      [{ type: 'function_result', callId: 'x', error: 'no' }],
      'agent/failed-answer',
    ],
    [
      'an answer to nothing',
      [{ type: 'function_result', callId: 'x', result: 1 }],
      'request/unknown',
    ],
  ])('refuses %s', async (_, contents, code) => {
    const agent = buildAsker().asAgent();

    await expect(agent.run({ role: 'user', contents })).rejects.toMatchObject({ code });
  });

  it('takes a transcript with calls and their results as what was said', async () => {
    const taker = defineExecutor('taker').on(
      z.array(z.object({ role: z.string(), contents: z.array(z.unknown()) })),
      (messages, ctx) => ctx.yield(messages.length),
    );
    const agent = new WorkflowBuilder({ name: 'taker', start: taker }).build().asAgent();

    const response = await agent.run([
      {
        role: 'assistant',
        contents: [{ type: 'function_call', callId: 'c', name: 'f', arguments: {} }],
      },
      { role: 'tool', contents: [{ type: 'function_result', callId: 'c', result: 1 }] },
    ]);

    expect(response.text).toBe('2');
  });

  it('passes on tool approvals of the agents within', async () => {
    const done: string[] = [];
    const pay = defineTool({
      name: 'pay',
      description: 'Pays',
      input: z.object({ amount: z.number() }),
      needsApproval: true,
      execute: ({ amount }) => {
        done.push(`paid ${amount}`);
        return 'ok';
      },
    });
    const client = scripted([toolCall('pay', { amount: 5 }), 'All paid.']);
    const payer = new Agent({ name: 'payer', client, tools: [pay] });
    const agent = new WorkflowBuilder({ name: 'paying', start: payer }).build().asAgent();
    const session = agent.createSession();

    const asked = await agent.run('pay 5', { session });
    const [question] = asked.approvalRequests;
    const response = await agent.run(
      {
        role: 'user',
        contents: [{ type: 'function_approval_response', id: question?.id ?? '', approved: true }],
      },
      { session },
    );

    expect(question).toMatchObject({ functionCall: { name: 'pay', arguments: { amount: 5 } } });
    expect(response.text).toBe('All paid.');
    expect(done).toEqual(['paid 5']);
  });

  it('V1: streams what agents within say as they say it, and every other output once', async () => {
    const client = scripted([chunks('Hel', 'lo')]);
    const greeter = new Agent({ name: 'greeter', client });
    const after = defineExecutor('after', (_: unknown, ctx) => ctx.yield('bye'));
    const workflow = new WorkflowBuilder({ name: 'talk', start: greeter })
      .addEdge(greeter, after)
      .build();

    const stream = workflow.asAgent().stream('hi');
    const updates: AgentResponseUpdate[] = [];
    for await (const update of stream) updates.push(update);

    const told = updates.map(({ agentName, text }) => [agentName, text]);
    expect(told.filter(([, text]) => text !== '')).toEqual([
      ['greeter', 'Hel'],
      ['greeter', 'lo'],
      ['talk', 'bye'],
    ]);
    expect((await stream.response).text).toBe('bye');
  });

  it('streams its questions last', async () => {
    const updates: AgentResponseUpdate[] = [];
    for await (const update of buildAsker().asAgent().stream('who?')) updates.push(update);

    expect(updates.map(({ contents }) => contents.map(({ type }) => type))).toEqual([
      ['function_call'],
    ]);
  });

  it('takes part in another workflow, and goes on from its checkpoint', async () => {
    const store = new MemoryCheckpointStore();
    const build = () => {
      const inner = buildCounter().asAgent({ name: 'inner' });
      return new WorkflowBuilder({ name: 'outer', start: inner, checkpoints: store }).build();
    };
    const first = await build().run('one');

    const elsewhere = build();
    await elsewhere.resume({ threadId: first.threadId });
    const second = await elsewhere.run('two');

    expect(second.outputs).toMatchObject([{ text: '2: two' }]);
  });

  it('does not run at once what a session of another workflow holds', async () => {
    const session = new AgentSession();
    await buildCounter().asAgent().run('one', { session });

    await expect(buildAsker().asAgent().run('two', { session })).rejects.toMatchObject({
      code: 'session/invalid-json',
    });
  });

  it('says why a session cannot go on elsewhere whose state no checkpoint can carry', async () => {
    const build = () =>
      new WorkflowBuilder({
        name: 'live',
        start: defineExecutor('live', { state: () => ({ live: () => 1 }) }).on(
          String,
          (text, ctx) => ctx.yield(text),
        ),
      })
        .build()
        .asAgent();
    const agent = build();
    const session = agent.createSession();
    await agent.run('one', { session });

    expect((await agent.run('two', { session })).text).toBe('two');
    const restored = AgentSession.fromJSON(JSON.parse(JSON.stringify(session)));
    await expect(build().run('three', { session: restored })).rejects.toMatchObject({
      code: 'session/not-portable',
      message: expect.stringContaining('live'),
    });
  });

  it('refuses a workflow that cannot take what is said, or be forked', () => {
    const numbers = defineExecutor('numbers').on(Number, () => {});
    class Own extends Executor {
      readonly handlers = [on(String, () => {})];
      override reset(): void {}
    }
    const start = new Own('own');

    expect(() => new WorkflowBuilder({ name: 'n', start: numbers }).build().asAgent()).toThrow(
      expect.objectContaining({ code: 'agent/unsupported-workflow' }),
    );
    expect(() => new WorkflowBuilder({ name: 'o', start }).build().asAgent()).toThrow(
      expect.objectContaining({ code: 'workflow/not-forkable' }),
    );
  });

  it('refuses an output schema', async () => {
    await expect(buildCounter().asAgent().run('x', { output: z.string() })).rejects.toMatchObject({
      code: 'agent/unsupported-output',
    });
  });
});
