import {
  Agent,
  defineExecutor,
  defineTool,
  MemoryCheckpointStore,
  textMessage,
  textOf,
} from '@colloquy/core';
import { scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { speaker } from '../../test/speaker.ts';
import { GroupChatReply, GroupChatRequest } from '../group-chat/group-chat-messages.ts';
import { type Concurrent, concurrent } from './concurrent.ts';

const pay = defineTool({
  name: 'pay',
  description: 'Pays.',
  input: z.object({}),
  needsApproval: true,
  execute: () => 'paid',
});

/** Asks in its first turn whether it may pay. */
const payer = (...replies: Parameters<typeof scripted>[0]): Agent =>
  new Agent({ name: 'a', client: scripted([toolCall('pay', {}), ...replies]), tools: [pay] });

type Team = Concurrent;
type Result = Awaited<ReturnType<Team['run']>>;

/** Everybody's words, for each aggregate. */
const said = ({ outputs }: Pick<Result, 'outputs'>): string[][] =>
  outputs.map(({ messages }) => messages.map(textOf));

const answer = (team: Team, { pendingRequests }: Result, answered: unknown): Promise<Result> =>
  team.resume({ responses: { [pendingRequests[0]?.id ?? '']: answered } });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '');

describe('a second input while a branch waits for a human', () => {
  it('is answered together with the first, by the others’ last words, and nothing is left for the third', async () => {
    const b = speaker('b', 'B1', 'B2', 'B3');
    const team = concurrent({ participants: [payer('A12', 'A3'), b.agent] });
    await team.run('one');
    const waiting = await team.run('two');

    const both = await answer(team, waiting, { approve: true });
    const third = await team.run('three');

    expect(said(waiting)).toEqual([]);
    expect(said(both)).toEqual([['A12', 'B2']]);
    expect(said(third)).toEqual([['A3', 'B3']]);
  });

  it('J1: has an aggregate of its own where the branch answers each input by itself', async () => {
    const [a, b] = [speaker('a', 'A1', 'A2', 'A3'), speaker('b', 'B1', 'B2', 'B3')];
    const team = concurrent({
      participants: [a.agent, b.agent],
      humanGate: { when: 'after', participants: ['a'] },
    });
    await team.run('one');
    const waiting = await team.run('two');

    const first = await answer(team, waiting, { action: 'approve' });
    const second = await answer(team, first, { action: 'approve' });
    const third = await answer(team, await team.run('three'), { action: 'approve' });

    expect([first, second, third].map(said)).toEqual([
      [['A1', 'B1']],
      [['A2', 'B2']],
      [['A3', 'B3']],
    ]);
  });

  it('J2, K2: that failed has no aggregate, and mixes with no other', async () => {
    const b = speaker('b', 'B1', new Error('down'), 'B3');
    const team = concurrent({ participants: [payer('A12', 'A3'), b.agent] });
    const waiting = await team.run('one');
    await expect(team.run('two')).rejects.toThrow('down');

    const first = await answer(team, waiting, { approve: true });
    const third = await team.run('three');

    expect([first, third].map(said)).toEqual([[['A12', 'B1']], [['A3', 'B3']]]);
  });

  it('fails with the first where the branch that has waited for both fails, and a failure is a result', async () => {
    const b = speaker('b', 'B1', 'B2', 'B3');
    const team = concurrent({
      participants: [payer(new Error('down'), 'A3'), b.agent],
      mode: 'settled',
      aggregate: (results) =>
        results.map(({ response, error }) => response?.text ?? messageOf(error)).join(),
    });
    await team.run('one');
    const { pendingRequests } = await team.run('two');
    const responses = { [pendingRequests[0]?.id ?? '']: { approve: true } };

    expect((await team.resume({ responses })).outputs).toEqual(['down,B2']);
  });

  it('goes on in another process', async () => {
    const store = new MemoryCheckpointStore();
    const b = speaker('b', 'B1', 'B2', 'B3');
    const a = payer('A12', 'A3');
    const build = (): Team => concurrent({ participants: [a, b.agent], checkpoints: store });
    const { checkpointId = '' } = await build().run('one');
    const second = build();
    await second.resume({ checkpointId });
    const waiting = await second.run('two');

    const third = build();
    const responses = { [waiting.pendingRequests[0]?.id ?? '']: { approve: true } };
    const both = await third.resume({ checkpointId: waiting.checkpointId ?? '', responses });

    expect([both, await third.run('three')].map(said)).toEqual([[['A12', 'B2']], [['A3', 'B3']]]);
  });

  it('is forgotten at reset', async () => {
    const b = speaker('b', 'B1', 'B2');
    const team = concurrent({ participants: [payer('A2'), b.agent] });
    await team.run('one');
    await team.resetForNewRun();

    expect(said(await team.run('two'))).toEqual([['A2', 'B2']]);
  });
});

describe('a participant that is no agent and replies twice to one input', () => {
  it('is heard once, and leaves nothing for the next', async () => {
    const twice = defineExecutor('twice').on(GroupChatRequest, ({ messages }, ctx) => {
      const text = messages.map(textOf).join();
      ctx.send(GroupChatReply({ messages: [textMessage('assistant', `${text}!`)] }));
      ctx.send(GroupChatReply({ messages: [textMessage('assistant', `${text}?`)] }));
    });
    const team = concurrent({ participants: [twice, speaker('b', 'B1', 'B2').agent] });

    const [first, second] = [await team.run('one'), await team.run('two')];

    expect([first, second].map(said)).toEqual([[['one!', 'B1']], [['two!', 'B2']]]);
  });
});
