import {
  Agent,
  type AgentResponse,
  ConfigurationError,
  defineExecutor,
  defineTool,
  ExecutorError,
  MemoryCheckpointStore,
  textMessage,
  textOf,
} from '@colloquy/core';
import { scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { GroupChatReply, GroupChatRequest } from '../group-chat/group-chat-messages.ts';
import { type BranchOutcome } from './branch-result.ts';
import { type Aggregator, judge, vote } from './aggregators.ts';
import { type ConcurrencyMode, quorum } from './concurrency-mode.ts';
import { concurrent } from './concurrent.ts';

const speaker = (name: string, ...replies: Parameters<typeof scripted>[0]): Agent =>
  new Agent({ name, client: scripted(replies) });

/** One that answers never, but hears of being aborted. */
function waiting(name: string) {
  let isAborted = false;
  const started = Promise.withResolvers<void>();
  const tool = defineTool({
    name: 'wait',
    description: 'Waits',
    input: z.object({}),
    execute: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        started.resolve();
        signal.addEventListener('abort', () => {
          isAborted = true;
          reject(signal.reason);
        });
      }),
  });
  const client = scripted([toolCall('wait')]);
  return {
    agent: new Agent({ name, client, tools: [tool] }),
    isAborted: () => isAborted,
    /** A reply that is given once the other waits. */
    after:
      <T>(reply: T) =>
      async (): Promise<T> => {
        await started.promise;
        return reply;
      },
  };
}

const plain = (results: readonly BranchOutcome[]): unknown =>
  results.map(({ participant, response, error }) => [
    participant,
    response?.text ?? (error instanceof Error ? error.message : error),
  ]);

describe('a concurrent orchestration', () => {
  it('puts out everybody’s last words as one response, in participant order', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const slow = speaker('slow', () => promise);
    const quick = speaker('quick', () => {
      resolve('I came late.');
      return 'Here.';
    });

    const { outputs } = await concurrent({ participants: [slow, quick] }).run('task');

    expect(outputs).toHaveLength(1);
    expect(outputs[0]?.messages.map((message) => [message.authorName, textOf(message)])).toEqual([
      ['slow', 'I came late.'],
      ['quick', 'Here.'],
    ]);
  });

  it('gives everybody the input, and nobody another’s answer', async () => {
    const clients = [scripted(['A', 'A2']), scripted(['B', 'B2'])];
    const team = concurrent({
      participants: clients.map((client, index) => new Agent({ name: `p${index}`, client })),
    });
    await team.run('one');
    await team.run('two');

    expect(clients.map(({ requests }) => requests[1]?.messages.map(textOf))).toEqual([
      ['one', 'A', 'two'],
      ['one', 'B', 'two'],
    ]);
  });

  it('takes one participant', async () => {
    const { outputs } = await concurrent({ participants: [speaker('a', 'A')] }).run('task');

    expect(outputs.map(({ text }) => text)).toEqual(['A']);
  });

  it('fails with the first failure, and aborts the others', async () => {
    const { agent, isAborted, after } = waiting('slow');
    const bad = speaker('bad', after(new Error('no model')));
    const team = concurrent({ participants: [agent, bad] });

    const error = await team.run('task').catch((reason: unknown) => reason);

    expect(ExecutorError.isInstance(error) && error.executorId).toBe('bad');
    expect(isAborted()).toBe(true);
  });

  it('K1: makes failures results where it is to settle', async () => {
    const team = concurrent({
      participants: [speaker('bad', new Error('no model')), speaker('good', 'Fine.')],
      mode: 'settled',
      aggregate: plain,
    });

    expect((await team.run('task')).outputs).toEqual([
      [
        ['bad', expect.stringContaining('no model')],
        ['good', 'Fine.'],
      ],
    ]);
  });

  it.each<[string, ConcurrencyMode]>([
    ['first', 'first'],
    ['a quorum of one', quorum(1)],
  ])('takes %s answer and aborts the rest', async (_, mode) => {
    const { agent, isAborted, after } = waiting('slow');
    const bad = speaker('bad', after(new Error('no model')));
    const team = concurrent({
      participants: [agent, bad, speaker('quick', after('Here.'))],
      mode,
    });

    const { outputs } = await team.run('task');

    expect(outputs.map(({ text }) => text)).toEqual(['Here.']);
    expect(isAborted()).toBe(true);
  });

  it('fails where a quorum cannot be had, and says who failed', async () => {
    const team = concurrent({
      participants: [speaker('bad', new Error('no model')), speaker('good', 'Fine.')],
      mode: quorum(2),
    });

    const error = await team.run('task').catch((reason: unknown) => reason);

    expect(ExecutorError.isInstance(error) && error.cause).toMatchObject({
      code: 'concurrent/quorum',
      failed: ['bad'],
    });
  });

  it('can be run again after a failure, with nothing left of it', async () => {
    const team = concurrent({
      participants: [speaker('a', 'A', 'A2'), speaker('b', new Error('no model'), 'B2')],
    });
    await team.run('one').catch(() => {});
    await team.resetForNewRun();

    const { outputs } = await team.run('two');

    expect(outputs.map(({ messages }) => messages.map(textOf))).toEqual([['A2', 'B2']]);
  });

  it('lets executors that are no agents take part', async () => {
    const echo = defineExecutor('echo').on(GroupChatRequest, ({ messages }) =>
      GroupChatReply({ messages: messages.map((each) => textMessage('assistant', textOf(each))) }),
    );
    const team = concurrent({ participants: [echo, speaker('a', 'A')], aggregate: plain });

    expect((await team.run('task')).outputs).toEqual([
      [
        ['echo', 'task'],
        ['a', 'A'],
      ],
    ]);
  });

  it('waits for a human where a branch asks, with the other answers kept', async () => {
    const pay = defineTool({
      name: 'pay',
      description: 'Pays',
      input: z.object({}),
      needsApproval: true,
      execute: () => 'paid',
    });
    const store = new MemoryCheckpointStore();
    const build = (...replies: Parameters<typeof scripted>[0]) =>
      concurrent({
        participants: [
          new Agent({ name: 'payer', client: scripted(replies), tools: [pay] }),
          speaker('other', 'Done.'),
        ],
        aggregate: plain,
        checkpoints: store,
        threadId: 't',
      });
    const asked = await build(toolCall('pay')).run('task');

    const responses = { [asked.pendingRequests[0]?.id ?? '']: { approve: true } };
    const { outputs } = await build('Paid.').resume({ threadId: 't', responses });

    expect([asked.outputs, outputs]).toEqual([
      [],
      [
        [
          ['payer', 'Paid.'],
          ['other', 'Done.'],
        ],
      ],
    ]);
  });

  it('resets an aggregator that remembers', async () => {
    const remembering = (): Aggregator<number> => {
      let runs = 0;
      return Object.assign(() => (runs += 1), {
        reset: () => {
          runs = 0;
        },
        onCheckpointSave: () => runs,
        onCheckpointRestore: (state: unknown) => {
          runs = Number(state);
        },
      });
    };
    const store = new MemoryCheckpointStore();
    const build = () =>
      concurrent({
        participants: [speaker('a', '1', '2', '3')],
        aggregate: remembering(),
        checkpoints: store,
      });
    const team = build();
    await team.run('x');
    const { outputs: second, threadId } = await team.run('x');
    const elsewhere = build();
    await elsewhere.resume({ threadId });
    const { outputs: third } = await elsewhere.run('x');
    await team.resetForNewRun();
    const { outputs: fresh } = await team.run('x');

    expect([second, third, fresh]).toEqual([[2], [3], [1]]);
  });

  it.each<[string, () => unknown]>([
    [
      'a mode that is none',
      () => concurrent({ participants: [speaker('a')], mode: 'some' as 'all' }),
    ],
    [
      'a quorum of more than take part',
      () => concurrent({ participants: [speaker('a')], mode: quorum(2) }),
    ],
    ['a quorum of none', () => quorum(0)],
    [
      'what cannot aggregate',
      () => concurrent({ participants: [speaker('a')], aggregate: 'vote' as never }),
    ],
  ])('refuses %s', (_, build) => {
    expect(build).toThrow(ConfigurationError);
  });
});

const outcome = (participant: string, text: string): BranchOutcome => ({
  participant,
  response: { agentName: participant, text, messages: [] } as unknown as AgentResponse,
});

describe('a vote', () => {
  const count = (...texts: string[]) =>
    vote()(
      texts.map((text, index) => outcome(`p${index}`, text)),
      {} as never,
    );

  it('is won by what most have chosen', () => {
    expect(count('yes', ' no', 'no ')).toEqual({
      winner: 'no',
      counts: [
        { choice: 'no', votes: 2 },
        { choice: 'yes', votes: 1 },
      ],
      votes: [
        { participant: 'p0', choice: 'yes' },
        { participant: 'p1', choice: 'no' },
        { participant: 'p2', choice: 'no' },
      ],
    });
  });

  it.each([[['yes', 'no']], [[]], [['', '']]])('is won by nobody with %o', (texts) => {
    expect(count(...texts)).toMatchObject({ winner: undefined });
  });
});

describe('a judge', () => {
  it('is given every answer with its author, and gives the one', async () => {
    const client = scripted(['The first.', 'Again.']);
    const team = concurrent({
      participants: [speaker('a', 'A', 'A2'), speaker('b', 'B', 'B2')],
      aggregate: judge(new Agent({ name: 'judge', client }), { instruction: 'Choose.' }),
    });

    const { outputs, usage } = await team.run('task');
    await team.run('more');

    expect(outputs.map(({ text }) => text)).toEqual(['The first.']);
    expect(client.requests.map(({ messages }) => messages.map(textOf))).toEqual([
      ['Choose.\n\na:\nA\n\nb:\nB'],
      ['Choose.\n\na:\nA2\n\nb:\nB2'],
    ]);
    expect(usage.totalTokens).toBeGreaterThanOrEqual(0);
  });
});
