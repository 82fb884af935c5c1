import { Agent, type AgentResponse, MemoryCheckpointStore } from '@colloquy/core';
import { groupChat, roundRobin } from '@colloquy/orchestrations';
import { scripted } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

import {
  type AgentCall,
  type ComparableChat,
  expectedChats,
  observedChat,
  recorded,
} from './group-chat-trace.ts';

/** An agent that answers a1, a2 …, and notes what it is given. */
function participant(name: string, calls: AgentCall[]) {
  const client = scripted([1, 2, 3, 4].map((turn) => `${name}${turn}`));
  return recorded(new Agent({ name, description: `${name} desc`, client }), calls);
}

/** Adds the superstep in which agents take note of the reply that ended the chat; the reference never tells them. */
function withLastReplyDelivered(
  chat: ComparableChat | undefined,
  superstep: number,
  listeners: readonly string[],
): ComparableChat | undefined {
  if (chat === undefined) return undefined;
  const heard = listeners.map((name) => [
    name,
    [
      ...(chat.executors[name] ?? []),
      { type: 'executor_invoked', executorId: name, superstep },
      { type: 'executor_completed', executorId: name, superstep },
    ],
  ]);
  return {
    ...chat,
    engine: [
      ...chat.engine,
      { type: 'superstep_started', superstep },
      { type: 'superstep_completed', superstep },
    ],
    executors: { ...chat.executors, ...Object.fromEntries(heard) },
  };
}

/** The outputs as texts with their authors; the reference puts out one closing sentence instead. */
function spoken(outputs: readonly AgentResponse[]): string[] {
  return outputs.map(({ agentName, text }) => `${agentName}: ${text}`);
}

describe('the reference trace of a round robin (G01)', () => {
  const build = (calls: AgentCall[]) =>
    groupChat({
      participants: ['a', 'b', 'c'].map((name) => participant(name, calls)),
      selectSpeaker: roundRobin(),
      maxRounds: 4,
    });

  it.each(expectedChats('g01-group-chat-round-robin'))('matches in $step', async ({ chat }) => {
    const calls: AgentCall[] = [];

    const observed = await observedChat(build(calls).stream('topic'), calls);

    expect(observed).toEqual(withLastReplyDelivered(chat, 10, ['b', 'c']));
  });

  it('puts out the replies instead of a closing sentence', async () => {
    const { outputs, stopReason } = await build([]).run('topic');

    expect(spoken(outputs)).toEqual(['a: a1', 'b: b1', 'c: c1', 'a: a2']);
    expect(stopReason).toEqual({ code: 'maxRounds', detail: 'maxRounds(4)' });
  });

  it('gives a second run four rounds of its own, where the reference gives it one', async () => {
    const chat = build([]);
    await chat.run('topic');

    const { outputs } = await chat.run('topic again');

    expect(spoken(outputs)).toEqual(['b: b2', 'c: c2', 'a: a3', 'b: b3']);
  });
});

describe('the reference trace of a termination condition (G02)', () => {
  const expected = new Map(
    expectedChats('g02-group-chat-termination').map(({ step, chat }) => [step, chat]),
  );

  it('matches where an asynchronous condition holds after two replies', async () => {
    const calls: AgentCall[] = [];
    const chat = groupChat({
      participants: [participant('a', calls), participant('b', calls)],
      selectSpeaker: roundRobin(),
      until: async ({ conversation }) =>
        conversation.filter(({ role }) => role === 'assistant').length >= 2,
    });

    const observed = await observedChat(chat.stream('topic'), calls);

    expect(observed).toEqual(withLastReplyDelivered(expected.get('async'), 6, ['a']));
  });

  it('matches where the input itself ends the chat, and says nothing', async () => {
    const calls: AgentCall[] = [];
    const chat = groupChat({
      participants: [participant('a', calls), participant('b', calls)],
      selectSpeaker: roundRobin(),
      until: ({ conversation }) => JSON.stringify(conversation).includes('STOP'),
    });

    const observed = await observedChat(chat.stream('STOP now'), calls);

    expect(observed).toEqual(expected.get('input terminates'));
  });
});

describe('the reference trace of a chat that is resumed in mid-conversation (G09)', () => {
  const build = (calls: AgentCall[], checkpoints: MemoryCheckpointStore) =>
    groupChat({
      participants: ['a', 'b'].map((name) => {
        const client = scripted([`${name}x`, `${name}x`]);
        return recorded(new Agent({ name, description: `${name} desc`, client }), calls);
      }),
      selectSpeaker: roundRobin(),
      maxRounds: 3,
      checkpoints,
    });
  const expected = expectedChats('g09-group-chat-checkpoints');
  const [whole] = expected;

  it('matches in one piece', async () => {
    const calls: AgentCall[] = [];
    const chat = build(calls, new MemoryCheckpointStore());

    const observed = await observedChat(chat.stream('topic'), calls);

    expect(observed).toEqual(withLastReplyDelivered(whole?.chat, 8, ['b']));
  });

  it.each([
    [0, whole],
    [2, expected[1]],
    [4, expected[2]],
  ])('matches from the checkpoint of superstep %i on', async (superstep, step) => {
    const store = new MemoryCheckpointStore();
    await build([], store).run('topic');
    const ids = new Map<number, string>();
    for await (const head of store.list()) ids.set(head.superstep, head.id);
    const checkpointId = ids.get(superstep);
    const calls: AgentCall[] = [];

    const observed = await observedChat(build(calls, store).streamResume({ checkpointId }), calls);

    expect(observed).toEqual(withLastReplyDelivered(step?.chat, 8, ['b']));
  });
});

describe('the reference trace of an agent that leads (G04)', () => {
  const decide = (speaker: string | null, last: string | null = null) => ({
    terminate: speaker === null,
    reason: 'scripted',
    next_speaker: speaker,
    final_message: last,
  });
  const build = (calls: AgentCall[]) => {
    const client = scripted([decide('a'), decide('b'), decide(null, 'final words')]);
    return groupChat({
      participants: [participant('a', calls), participant('b', calls)],
      orchestrator: recorded(new Agent({ name: 'manager', client }), calls),
    });
  };

  it.each(expectedChats('g04-group-chat-agent-manager'))('matches in $step', async ({ chat }) => {
    const calls: AgentCall[] = [];

    const observed = await observedChat(build(calls).stream('topic'), calls);

    expect(observed).toEqual(withLastReplyDelivered(chat, 6, ['a']));
  });

  it('puts out the replies and then the final message of the manager', async () => {
    const { outputs, stopReason } = await build([]).run('topic');

    expect(spoken(outputs)).toEqual(['a: a1', 'b: b1', 'manager: final words']);
    expect(stopReason).toEqual({ code: 'orchestrator', detail: 'scripted' });
  });
});
