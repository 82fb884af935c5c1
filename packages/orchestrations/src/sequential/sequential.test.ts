import {
  Agent,
  agentExecutor,
  type AgentExecutorResponse,
  AgentSession,
  defineExecutor,
  defineTool,
  MemoryCheckpointStore,
  textMessage,
  textOf,
} from '@colloquy/core';
import { scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { readBy, speaker } from '../../test/speaker.ts';
import { GroupChatReply, GroupChatRequest } from '../group-chat/group-chat-messages.ts';
import { sequential } from './sequential.ts';

describe('a sequence', () => {
  it('takes an agent as agentExecutor, with a session of its own', async () => {
    const b = speaker('b', 'B');
    const session = new AgentSession();
    session.append([textMessage('user', 'earlier')]);
    const team = sequential({
      participants: [speaker('a', 'A').agent, agentExecutor(b.agent, { session })],
      context: 'last',
    });

    const { outputs } = await team.run('task');
    expect(outputs.map(({ text }) => text)).toEqual(['B']);
    expect(readBy(b)).toEqual(['earlier', 'A']);
  });

  it('puts out what the last participant says, having read all that was said', async () => {
    const [a, b, c] = [speaker('a', 'A'), speaker('b', 'B'), speaker('c', 'C')];
    const team = sequential({ participants: [a.agent, b.agent, c.agent] });

    const { outputs, stopReason } = await team.run('task');

    expect(outputs.map(({ agentName, text }) => [agentName, text])).toEqual([['c', 'C']]);
    expect(stopReason).toEqual({ code: 'completed' });
    expect([readBy(a), readBy(b), readBy(c)]).toEqual([
      ['task'],
      ['task', 'A'],
      ['task', 'A', 'B'],
    ]);
  });

  it.each([
    ['last', ['A']],
    [({ conversation }: AgentExecutorResponse) => conversation.slice(0, 1), ['task']],
  ] as const)('reads what context says: %s', async (context, read) => {
    const [a, b] = [speaker('a', 'A'), speaker('b', 'B')];

    await sequential({ participants: [a.agent, b.agent], context }).run('task');

    expect(readBy(b)).toEqual(read);
  });

  it('takes a message, or a conversation whose last message is the task', async () => {
    const a = speaker('a', 'A', 'A2');
    const team = sequential({ participants: [a.agent] });
    await team.run(textMessage('user', 'one'));
    await team.resetForNewRun();
    await team.run([textMessage('user', 'before'), textMessage('user', 'two')]);

    expect([readBy(a), readBy(a, 1)]).toEqual([['one'], ['before', 'two']]);
  });

  it('tells nobody twice what they have read, over runs', async () => {
    const [a, b] = [speaker('a', 'A', 'A2'), speaker('b', 'B', 'B2')];
    const team = sequential({ participants: [a.agent, b.agent] });
    await team.run('one');

    await team.run('two');

    expect(readBy(b, 1)).toEqual(['one', 'A', 'B', 'two', 'A2']);
  });

  it('remembers nothing after a reset', async () => {
    const [a, b] = [speaker('a', 'A', 'A'), speaker('b', 'B', 'B')];
    const team = sequential({ participants: [a.agent, b.agent] });
    await team.run('one');
    await team.resetForNewRun();

    await team.run('two');

    expect([readBy(a, 1), readBy(b, 1)]).toEqual([['two'], ['two', 'A']]);
  });

  it('shows nobody what others do with their tools', async () => {
    const tool = defineTool({
      name: 'look',
      description: 'Looks',
      input: z.object({}),
      execute: () => 'a secret',
    });
    const client = scripted([['I look.', toolCall('look')], 'Seen.']);
    const a = new Agent({ name: 'a', client, tools: [tool] });
    const b = speaker('b', 'B');

    await sequential({ participants: [a, b.agent] }).run('task');

    expect(b.client.requests[0]?.messages.flatMap(({ contents }) => contents)).toEqual(
      ['task', 'I look.', 'Seen.'].map((text) => ({ type: 'text', text })),
    );
  });

  it('lets executors that are no agents be steps, anywhere', async () => {
    const shout = defineExecutor('shout').on(GroupChatRequest, ({ messages }) => {
      const text = messages.map(textOf).join('+').toUpperCase();
      return GroupChatReply({ messages: [textMessage('assistant', text)] });
    });
    const count = defineExecutor('count').on(GroupChatRequest, ({ conversation, round }) =>
      GroupChatReply({
        messages: [textMessage('assistant', `${conversation.length} before step ${round}`)],
      }),
    );
    const b = speaker('b', 'B');
    const team = sequential({ participants: [shout, b.agent, count] });

    const { outputs } = await team.run('task');

    expect(readBy(b)).toEqual(['task', 'TASK']);
    expect(outputs.map(({ agentName, text }) => [agentName, text])).toEqual([
      ['count', '3 before step 2'],
    ]);
  });

  it('goes on from a checkpoint in the middle', async () => {
    const store = new MemoryCheckpointStore();
    const build = (...replies: (string | Error)[]) => {
      const [a, b] = [speaker('a', 'A'), speaker('b', ...replies)];
      return {
        b,
        team: sequential({ participants: [a.agent, b.agent], checkpoints: store, threadId: 't' }),
      };
    };
    await build(new Error('no model'))
      .team.run('task')
      .catch(() => {});
    const { b, team } = build('B');

    const { outputs } = await team.resume({ threadId: 't' });

    expect(outputs.map(({ text }) => text)).toEqual(['B']);
    expect(readBy(b)).toEqual(['task', 'A']);
  });

  it.each([
    ['nobody', []],
    ['two of one name', [speaker('a').agent, speaker('A').agent]],
    ['one called as the input is', [speaker('input-conversation').agent]],
  ])('refuses %s', (_, participants) => {
    expect(() => sequential({ participants })).toThrow(
      expect.objectContaining({ code: 'workflow/invalid' }),
    );
  });
});
