import {
  Agent,
  AgentExecutorResponse,
  type CheckpointStore,
  defineExecutor,
  defineRequest,
  defineTool,
  defineWorkflow,
  subWorkflow,
  type Workflow,
  WorkflowBuilder,
} from '@colloquy/core';
import { scripted, toolCall } from '@colloquy/testing';
import * as z from 'zod';

import { doEffect } from './effects.ts';

/** Where a workflow keeps its checkpoints and does its effects. */
export interface CrashingOptions {
  readonly folder: string;
  readonly store: CheckpointStore;
}

export const THREAD = 'crash';

const Approval = defineRequest('approval', {
  request: z.object({ total: z.number() }),
  response: z.object({ approve: z.boolean() }),
});

/** Answers by what it is asked, so that a new process says what the old one would have said. */
function createAgent(folder: string): Agent {
  const note = defineTool({
    name: 'note',
    description: 'Notes something',
    input: z.object({ text: z.string() }),
    execute: ({ text }) => {
      doEffect(folder, `note ${text}`, `note ${text}`);
      return 'noted';
    },
  });
  const reply = ({ messages }: { messages: readonly { role: string }[] }) =>
    messages.at(-1)?.role === 'tool' ? 'I noted it.' : toolCall('note', { text: 'hello' });
  return new Agent({
    name: 'scribe',
    tools: [note],
    client: scripted(Array.from({ length: 20 }, () => reply)),
  });
}

/** Fan-out to a sub-workflow, an agent with a tool and an effect; fan-in; a loop; a request; an effect. */
function buildGraph({ folder, store }: CrashingOptions): Workflow<string> {
  const first = defineExecutor('first').on(String, (text, ctx) => {
    doEffect(folder, 'inner first', ctx.idempotencyKey);
    return text.length;
  });
  const second = defineExecutor('second').on(Number, (length, ctx) => {
    doEffect(folder, 'inner second', ctx.idempotencyKey);
    ctx.yield(length * 10);
  });
  const inner = new WorkflowBuilder({ name: 'inner', start: first }).addEdge(first, second).build();

  const split = defineExecutor('split').on(String, (text) => text);
  const scribe = createAgent(folder);
  const count = subWorkflow(inner, { id: 'count' });
  const slow = defineExecutor('slow').on(String, async (text, ctx) => {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    doEffect(folder, `slow ${text}`, ctx.idempotencyKey);
    ctx.send(1);
  });
  const join = defineExecutor('join').on(z.array(z.unknown()), (parts) =>
    parts.map((part) => (AgentExecutorResponse.is(part) ? 100 : Number(part))),
  );
  const loop = defineExecutor('loop', { state: () => ({ rounds: 0, total: 0 }) })
    .on(z.array(z.number()), (parts, ctx) => {
      ctx.state.total = parts.reduce((sum, part) => sum + part, 0);
      ctx.send(1, { target: 'loop' });
    })
    .on(Number, (round, ctx) => {
      ctx.state.rounds += 1;
      ctx.state.total += round;
      doEffect(folder, `round ${round}`, ctx.idempotencyKey);
      if (round < 3) ctx.send(round + 1, { target: 'loop' });
      else ctx.send({ total: ctx.state.total }, { target: 'ask' });
    });
  const ask = defineExecutor('ask')
    .on(z.object({ total: z.number() }), (data, ctx) => ctx.request(Approval, data))
    .onResponse(Approval, ({ approve }, { total }, ctx) => {
      doEffect(folder, `approved ${total}`, ctx.idempotencyKey);
      ctx.send(approve ? total : 0);
    });
  const publish = defineExecutor('publish').on(Number, (total, ctx) => {
    doEffect(folder, `published ${total}`, ctx.idempotencyKey);
    ctx.yield(`total ${total}`);
  });
  return new WorkflowBuilder({
    name: 'graph',
    start: split,
    outputFrom: [publish],
    checkpoints: store,
    threadId: THREAD,
  })
    .addFanOut(split, [scribe, count, slow])
    .addFanIn([scribe, count, slow], join)
    .addEdge(join, loop)
    .addEdge(loop, loop)
    .addEdge(loop, ask)
    .addEdge(ask, publish)
    .build();
}

/** The same kinds of work as one function. */
function buildProgram({ folder, store }: CrashingOptions): Workflow<string, string> {
  return defineWorkflow(
    'program',
    async (text: string, ctx) => {
      const lengths = await Promise.all(
        text.split(' ').map((word) =>
          ctx.step(`measure ${word}`, ({ idempotencyKey }) => {
            doEffect(folder, `measure ${word}`, idempotencyKey);
            return word.length;
          }),
        ),
      );
      const total = lengths.reduce((sum, length) => sum + length, 0);
      const { approve } = await ctx.request(Approval, { total });
      return ctx.step('publish', ({ idempotencyKey }) => {
        doEffect(folder, `published ${total}`, idempotencyKey);
        return approve ? `total ${total}` : 'refused';
      });
    },
    { checkpoints: store, threadId: THREAD },
  );
}

export const CRASHING_WORKFLOWS: Readonly<
  Record<string, (options: CrashingOptions) => Workflow<string>>
> = { graph: buildGraph, program: buildProgram };
