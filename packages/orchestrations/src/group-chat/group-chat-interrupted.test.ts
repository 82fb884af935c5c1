import { Agent, type AgentLike, AgentSession, type Message, textOf } from '@colloquy/core';
import { scripted } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

import { groupChat, type GroupChat } from './group-chat.ts';
import { roundRobin } from './selectors.ts';

/** Starts a run and leaves it at the first event that fits. */
async function leaveAt(
  chat: GroupChat,
  input: string,
  isPlace: (event: { readonly type: string; readonly kind?: string }) => boolean,
): Promise<void> {
  for await (const event of chat.stream(input)) if (isPlace(event)) return;
}

const textsOf = (messages: readonly Message[] | undefined): string[] =>
  (messages ?? []).map(textOf);

describe('a group chat whose run was interrupted', () => {
  it.each(['group_chat', 'executor_completed', 'superstep_completed'])(
    'O2: still gives everybody the input, when left at the first %s',
    async (type) => {
      const [first, second] = [scripted(['a1']), scripted(['b1'])];
      const chat = groupChat({
        participants: [
          new Agent({ name: 'a', client: first }),
          new Agent({ name: 'b', client: second }),
        ],
        selectSpeaker: roundRobin(),
        maxRounds: 2,
      });

      await leaveAt(chat, 'ONE', (event) => event.type === type);
      await chat.run('TWO');

      expect(textsOf(first.requests[0]?.messages)).toEqual(['ONE', 'TWO']);
      expect(textsOf(second.requests[0]?.messages)).toEqual(['ONE', 'TWO', 'a1']);
    },
  );

  it('O2: gives the others the reply that ended it once, whether or not it had arrived', async () => {
    const [first, second] = [scripted(['a1', 'a2']), scripted(['b1'])];
    const chat = groupChat({
      participants: [
        new Agent({ name: 'a', client: first }),
        new Agent({ name: 'b', client: second }),
      ],
      selectSpeaker: ({ totalRounds }) => (totalRounds === 1 ? 'b' : 'a'),
      maxRounds: 1,
    });

    await leaveAt(chat, 'ONE', ({ kind }) => kind === 'response_received');
    await chat.run('TWO');
    await chat.run('THREE');

    expect(textsOf(second.requests[0]?.messages)).toEqual(['ONE', 'a1', 'TWO']);
    expect(textsOf(first.requests[1]?.messages)).toEqual(['ONE', 'a1', 'TWO', 'b1', 'THREE']);
  });

  it('X3: is not changed by an answer that comes after a reset', async () => {
    const { promise: late, resolve: answerLate } = Promise.withResolvers<void>();
    const { promise: asked, resolve: wasAsked } = Promise.withResolvers<void>();
    const deaf = createDeafAgent(late, wasAsked);
    const client = scripted([
      async () => {
        answerLate();
        await new Promise((resolve) => setImmediate(resolve));
        return 'b1';
      },
    ]);
    let first = 'deaf';
    const chat = groupChat({
      participants: [deaf.agent, new Agent({ name: 'b', client })],
      selectSpeaker: ({ round }) => (round === 0 ? first : 'deaf'),
      maxRounds: 2,
      graceMs: 0,
    });

    const old = chat.stream('OLD');
    await asked;
    await old.cancel();
    await chat.resetForNewRun();
    first = 'b';
    await chat.run('NEW');

    expect(deaf.read).toEqual([['OLD'], ['NEW', 'b1']]);
  });
});

/** An agent that answers its first request only when told to, whatever its signal says. */
function createDeafAgent(
  late: Promise<void>,
  wasAsked: () => void,
): { readonly agent: AgentLike; readonly read: string[][] } {
  const read: string[][] = [];
  const answer: AgentLike['run'] = async (input) => {
    const messages = Array.isArray(input) ? input : [];
    read.push(textsOf(messages));
    wasAsked();
    if (read.length === 1) await late;
    return {
      agentName: 'deaf',
      messages: [{ role: 'assistant', contents: [{ type: 'text', text: 'What?' }] }],
      text: 'What?',
      usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
      value: undefined,
      approvalRequests: [],
    };
  };
  const agent: AgentLike = {
    id: 'deaf',
    name: 'deaf',
    description: '',
    createSession: () => new AgentSession(),
    run: answer,
    stream: (input, options) => {
      const response = answer(input, options);
      return {
        response,
        [Symbol.asyncIterator]: () => ({
          next: async () => {
            await response;
            return { done: true, value: undefined };
          },
        }),
      };
    },
  };
  return { agent, read };
}
