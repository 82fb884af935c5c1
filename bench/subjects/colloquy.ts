import { setTimeout as wait } from 'node:timers/promises';

import { Agent, defineExecutor, type Workflow, WorkflowBuilder } from '@colloquy/core';
import { groupChat, roundRobin } from '@colloquy/orchestrations';

import { instantModel } from '../instant-model.ts';
import { type Run, type Subject } from '../subject.ts';

type Counting = Workflow<number, number>;

/** This library, as its documentation shows it. */
export const colloquy: Subject = {
  name: 'Colloquy',
  chain: (length) => firstOutput(chainOf(length)),
  loop: (supersteps) => firstOutput(loopOf(supersteps)),
  unreadLoop: (supersteps) => {
    const workflow = loopOf(supersteps);
    return async () => (await workflow.stream(0).result).outputs[0];
  },
  streamedLoop: (supersteps) => {
    const workflow = loopOf(supersteps);
    return async () => {
      let output: unknown;
      for await (const event of workflow.stream(0))
        if (event.type === 'output' && 'data' in event) output = event.data;
      return output;
    };
  },
  fanOut: (width, waitMs) => firstOutput(fanOutOf(width, waitMs)),
  groupChat: (turns) => {
    const chat = chatOf(turns);
    return async () => {
      const { outputs } = await chat.run('Shall we?');
      await chat.resetForNewRun();
      return outputs.length;
    };
  },
  forks: (length) => {
    const workflow = chainOf(length);
    return () => firstOutput(workflow.fork());
  },
};

function firstOutput(workflow: Counting): Run {
  return async () => (await workflow.run(0)).outputs[0];
}

/** Executors in a row, each of which adds one. */
export function chainOf(length: number): Counting {
  const executors = Array.from({ length: length - 1 }, (_, index) =>
    defineExecutor(`step${index}`, (count: number) => count + 1),
  );
  const last = defineExecutor('last', (count: number, { yield: output }) => output(count + 1));
  const [start = last] = executors;
  return new WorkflowBuilder({ name: 'chain', start, maxSupersteps: length + 1 })
    .addChain([...executors, last])
    .build() as Workflow as Counting;
}

/** Two executors that pass a number to and fro. */
export function loopOf(supersteps: number): Counting {
  const ping = defineExecutor('ping', (count: number, { yield: output }) => {
    if (count < supersteps) return count + 1;
    return output(count);
  });
  const pong = defineExecutor('pong', (count: number, { yield: output }) => {
    if (count < supersteps) return count + 1;
    return output(count);
  });
  return new WorkflowBuilder({ name: 'ping-pong', start: ping, maxSupersteps: Infinity })
    .addEdge(ping, pong)
    .addEdge(pong, ping)
    .build() as Workflow as Counting;
}

function fanOutOf(width: number, waitMs: number): Counting {
  const start = defineExecutor('start', (input: number) => input);
  const others = Array.from({ length: width }, (_, index) =>
    defineExecutor(`worker${index}`, waitMs === 0 ? () => 1 : async () => wait(waitMs, 1)),
  );
  const sum = defineExecutor('sum', (answers: readonly number[], { yield: output }) =>
    output(answers.reduce((total, one) => total + one, 0)),
  );
  return new WorkflowBuilder({ name: 'fan', start })
    .addFanOut(start, others)
    .addFanIn(others, sum)
    .build() as Workflow as Counting;
}

/** Four agents who speak in turn. */
export function chatOf(turns: number): ReturnType<typeof groupChat> {
  const client = instantModel();
  const participants = ['ann', 'bob', 'cleo', 'dan'].map((name) => new Agent({ name, client }));
  return groupChat({ participants, selectSpeaker: roundRobin(), maxRounds: turns });
}
