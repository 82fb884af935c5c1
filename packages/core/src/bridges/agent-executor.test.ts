import { setImmediate } from 'node:timers/promises';

import { scripted } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

import { createRecordingLogger } from '../../test/recording-logger.ts';
import { ofType, eventsOf } from '../../test/run-events.ts';
import { TinyAgent } from '../../test/tiny-agent.ts';
import { type AgentLike } from '../agents/agent-like.ts';
import { Agent } from '../agents/agent.ts';
import { AgentSession } from '../agents/agent-session.ts';
import { MemoryCheckpointStore } from '../checkpoint/memory-checkpoint-store.ts';
import { type ChatClient } from '../chat/chat-client.ts';
import { defineExecutor } from '../graph/executor-definition.ts';
import { textMessage, textOf } from '../messages/message.ts';
import { WorkflowBuilder } from '../workflow/workflow-builder.ts';
import { agentExecutor, type AgentExecutorOptions } from './agent-executor.ts';
import { AgentExecutorRequest, AgentExecutorResponse } from './agent-executor-protocol.ts';

const textsOf = (agent: TinyAgent): readonly (readonly string[])[] =>
  agent.calls.map(({ texts }) => texts);

function buildAlone(agent = new TinyAgent('ada')) {
  return { agent, workflow: new WorkflowBuilder({ name: 'alone', start: agent }).build() };
}

describe('an agent as an executor', () => {
  it('answers and yields its response', async () => {
    const { workflow } = buildAlone();

    const { outputs, usage } = await workflow.run('hello');

    expect(outputs.map(({ text }) => text)).toEqual(['ada 1']);
    expect(usage).toEqual({ inputTokens: 2, outputTokens: 1, totalTokens: 3 });
  });

  it.each([
    ['a text', 'hello', ['hello']],
    ['a message', textMessage('user', 'hello'), ['hello']],
    ['messages', [textMessage('user', 'a'), textMessage('user', 'b')], ['a', 'b']],
    ['a request', AgentExecutorRequest({ messages: [textMessage('user', 'hello')] }), ['hello']],
  ])('takes %s', async (_, input, texts) => {
    const { agent, workflow } = buildAlone();

    await workflow.run(input);

    expect(textsOf(agent)).toEqual([texts]);
  });

  it('takes note without answering where that is asked', async () => {
    const { agent, workflow } = buildAlone();
    const note = AgentExecutorRequest({
      messages: [textMessage('user', 'by the way')],
      shouldRespond: false,
    });

    const { outputs } = await workflow.run(note);
    await workflow.run('hello');

    expect([outputs, textsOf(agent)]).toEqual([[], [['by the way', 'hello']]]);
  });

  it('tells the chat client who asks and where in the run', async () => {
    const asked: unknown[] = [];
    const client: ChatClient = {
      async *stream(_messages, { agentName, runPath } = {}) {
        asked.push([agentName, runPath?.split('/').slice(2).join('/')]);
        yield { contents: [{ type: 'text', text: 'yes' }] };
      },
    };
    const agent = new Agent({ name: 'ada', client });

    await new WorkflowBuilder({ name: 'alone', start: agent }).build().run('hello');
    await agent.run('hello');

    expect(asked).toEqual([
      ['ada', '1/ada/0'],
      ['ada', undefined],
    ]);
  });

  it('X1: gives a message to the agent once', async () => {
    const { agent, workflow } = buildAlone();

    await workflow.run('a');
    await workflow.run('b');

    expect(textsOf(agent)).toEqual([['a'], ['b']]);
  });

  it('X1: gives a later run’s conversation to the next agent without what it has read, also when restored', async () => {
    const store = new MemoryCheckpointStore();
    const build = () => {
      const [first, second] = [new TinyAgent('ada'), new TinyAgent('bob')];
      const workflow = new WorkflowBuilder({ name: 'pair', start: first, checkpoints: store })
        .addEdge(first, second)
        .build();
      return { second, workflow };
    };
    const { second, workflow } = build();
    const { threadId } = await workflow.run('a');
    const elsewhere = build();
    await elsewhere.workflow.resume({ threadId });

    await elsewhere.workflow.run('c');
    await workflow.run('b', { checkpoints: new MemoryCheckpointStore() });

    expect(textsOf(second)).toEqual([
      ['a', 'ada 1'],
      ['b', 'ada 2'],
    ]);
    expect(textsOf(elsewhere.second)).toEqual([['c', 'ada 1']]);
  });

  it('X1: gives what a failed run had not read to the next', async () => {
    const { agent, workflow } = buildAlone();
    agent.failure = new Error('no model');
    await workflow.run('a').catch(() => {});

    await workflow.run('b');

    expect(textsOf(agent)).toEqual([['a'], ['a', 'b']]);
  });

  /** An agent whose first run is aborted when it has answered. */
  const buildAborted = (options: AgentExecutorOptions = {}) => {
    const controller = new AbortController();
    const client = scripted(['lost', 'kept']);
    const inner = new Agent({ name: 'ada', client });
    const agent: AgentLike = {
      id: 'ada',
      name: 'ada',
      description: '',
      run: async (input, runOptions) => {
        const response = await inner.run(input, runOptions);
        controller.abort();
        return response;
      },
      stream: (input, runOptions) => inner.stream(input, runOptions),
      createSession: () => inner.createSession(),
    };
    const start = agentExecutor(agent, options);
    const workflow = new WorkflowBuilder({ name: 'alone', start }).build();
    return { client, workflow, signal: controller.signal };
  };

  it('X3: forgets an answer that its agent had given when the run was aborted', async () => {
    const { client, workflow, signal } = buildAborted();

    await workflow.run('a', { signal }).catch(() => {});
    await workflow.run('b');

    expect(client.requests[1]?.messages.map(textOf)).toEqual(['a', 'b']);
    expect(client.requests[1]?.sessionId).toBe(client.requests[0]?.sessionId);
  });

  it('X1: tells a session of the caller’s nothing again that it knows of an aborted run', async () => {
    const { client, workflow, signal } = buildAborted({ session: new AgentSession() });

    await workflow.run('a', { signal }).catch(() => {});
    await workflow.run('b');

    expect(client.requests[1]?.messages.map(textOf)).toEqual(['a', 'lost', 'b']);
  });

  it('tells of its updates where the run is streamed', async () => {
    const { workflow } = buildAlone();

    const events = await eventsOf(workflow, 'hello');

    expect(ofType(events, 'agent_update')).toEqual([
      {
        type: 'agent_update',
        executorId: 'ada',
        update: {
          agentName: 'ada',
          text: 'ada 1',
          role: 'assistant',
          contents: [{ type: 'text', text: 'ada 1' }],
        },
      },
    ]);
  });

  it('asks a human about a call that needs approval, and then sends one whole reply', async () => {
    const { agent, workflow } = buildAlone();
    const functionCall = {
      type: 'function_call',
      callId: 'c',
      name: 'pay',
      arguments: {},
    } as const;
    agent.approvalRequests = [
      { type: 'function_approval_request', id: 'r', functionCall } as never,
    ];

    const paused = await workflow.run('hello');
    const [request] = paused.pendingRequests;
    agent.approvalRequests = [];
    await workflow.run('meanwhile');
    const responses = { [request?.id ?? '']: { approve: false, reason: 'too dear' } };
    const done = await workflow.resume({ responses });

    expect(paused).toMatchObject({ state: 'idle_with_pending_requests', outputs: [] });
    expect(request).toMatchObject({
      type: 'tool_approval',
      data: { name: 'pay', arguments: {}, callId: 'c' },
    });
    expect(done.outputs.map(({ messages }) => messages.map(textOf))).toEqual([['ada 1', 'ada 2']]);
    expect(done.outputs[0]?.usage.totalTokens).toBe(6);
    expect(textsOf(agent)).toEqual([['hello'], ['', 'meanwhile']]);
  });

  it('asks again what nobody was asked, because the superstep failed (X4)', async () => {
    const agent = new TinyAgent('ada');
    const functionCall = {
      type: 'function_call',
      callId: 'c',
      name: 'pay',
      arguments: {},
    } as const;
    agent.approvalRequests = [
      { type: 'function_approval_request', id: 'r', functionCall } as never,
    ];
    const start = defineExecutor('start').on(String, (text) => text);
    const failing = defineExecutor('failing').on(String, async (text) => {
      // The agent needs nothing but microtasks to ask.
      await setImmediate();
      if (text === 'fail') throw new Error('broken');
    });
    const workflow = new WorkflowBuilder({ name: 'beside', start })
      .addFanOut(start, [agent, failing])
      .build();

    await expect(workflow.run('fail')).rejects.toThrow('broken');
    const { pendingRequests } = await workflow.run('go on');
    agent.approvalRequests = [];
    const responses = { [pendingRequests[0]?.id ?? '']: { approve: true } };
    const { outputs } = await workflow.resume({ responses });

    expect(pendingRequests).toHaveLength(1);
    expect(outputs).toHaveLength(1);
    expect(textsOf(agent)).toEqual([['fail'], ['', 'go on']]);
  });
});

describe('one agent after another', () => {
  const buildPair = (context?: Parameters<typeof agentExecutor>[1]) => {
    const [first, second] = [new TinyAgent('first'), new TinyAgent('second')];
    const workflow = new WorkflowBuilder({ name: 'pair', start: first })
      .addEdge(first, agentExecutor(second, context))
      .build();
    return { second, workflow };
  };

  it.each([
    ['the whole conversation', {}, ['hello', 'first 1']],
    ['the last answer', { context: 'last' as const }, ['first 1']],
    ['what a function makes of it', { context: () => [textMessage('user', 'made')] }, ['made']],
  ])('reads %s', async (_, options, texts) => {
    const { second, workflow } = buildPair(options);

    await workflow.run('hello');

    expect(textsOf(second)).toEqual([texts]);
  });

  it('reads in a loop only what it has not read or said', async () => {
    const [first, second] = [new TinyAgent('first'), new TinyAgent('second')];
    const workflow = new WorkflowBuilder({ name: 'loop', start: first })
      .addEdge(first, second)
      .addEdge(second, first, { when: () => second.calls.length < 2 })
      .build();

    await workflow.run('hello');

    expect([textsOf(first), textsOf(second)]).toEqual([
      [['hello'], ['second 1']],
      [['hello', 'first 1'], ['first 2']],
    ]);
  });

  it('gives its conversation to whom it answers', async () => {
    const agent = new TinyAgent('ada');
    const reader = defineExecutor('reader').on(AgentExecutorResponse, (response, ctx) =>
      ctx.yield([response.executorId, response.conversation.map(({ role }) => role)]),
    );
    const workflow = new WorkflowBuilder({ name: 'read', start: agent, outputFrom: [reader] })
      .addEdge(agent, reader)
      .build();

    const { outputs } = await workflow.run('hello');

    expect(outputs).toEqual([['ada', ['user', 'assistant']]]);
  });
});

describe('the session of an agent executor', () => {
  const sessionsOf = (agent: TinyAgent) => agent.calls.map(({ session }) => session);

  it('goes on over runs, and is a new one after a reset', async () => {
    const { agent, workflow } = buildAlone();
    await workflow.run('a');
    await workflow.run('b');
    await workflow.resetForNewRun();

    await workflow.run('c');

    const [first, second, third] = sessionsOf(agent);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it('X2: is another in a fork', async () => {
    const { agent, workflow } = buildAlone();
    await workflow.run('a');

    await workflow.fork().run('b');

    expect(new Set(sessionsOf(agent)).size).toBe(2);
  });

  it('X2: is kept by a reset where the caller supplied it, with a warning each time', async () => {
    const logger = createRecordingLogger();
    const agent = new TinyAgent('ada');
    const session = agent.createSession();
    const start = agentExecutor(agent, { session });
    const workflow = new WorkflowBuilder({ name: 'kept', start, logger }).build();
    await workflow.resetForNewRun();
    await workflow.resetForNewRun();

    await workflow.run('a');

    expect(sessionsOf(agent)).toEqual([session.id]);
    const warning = `Executor "ada" keeps session "${session.id}" at reset, because the caller supplied it: the agent still remembers it. Leave the session out, or pass a new one.`;
    expect(logger.warnings).toEqual([warning, warning]);
  });

  it('X2: forgets what was not read at a reset', async () => {
    const { agent, workflow } = buildAlone();
    agent.failure = new Error('no model');
    await workflow.run('forgotten').catch(() => {});
    await workflow.resetForNewRun();

    await workflow.run('hello');

    expect(textsOf(agent)).toEqual([['forgotten'], ['hello']]);
  });
});
