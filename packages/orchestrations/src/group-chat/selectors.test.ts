import { Agent, ExecutorError, textOf } from '@colloquy/core';
import { scripted } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

import { SpeakerSelectionError } from './group-chat-errors.ts';
import { groupChat, type GroupChatOptions } from './group-chat.ts';
import { roundRobin, type SpeakerSelector } from './selectors.ts';

const speaker = (name: string, ...script: readonly string[]) =>
  new Agent({ name, description: `${name} speaks`, client: scripted(script) });

/** A chat of a and b, who answer a1, a2 …, b1, b2 …. */
function chatOf(selectSpeaker: SpeakerSelector, options: Partial<GroupChatOptions> = {}) {
  const participants = [speaker('a', 'a1', 'a2', 'a3'), speaker('b', 'b1', 'b2', 'b3')];
  return groupChat({
    maxRounds: 2,
    ...options,
    participants,
    selectSpeaker,
    orchestrator: undefined,
  });
}

const fail = (): never => {
  throw new Error('Expected something to be shown.');
};

const failureOf = async (running: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await running.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof ExecutorError ? error.cause : error;
};

describe('a speaker selector', () => {
  it('is asked with the rounds, the participants, the conversation and the last speaker', async () => {
    const views: unknown[] = [];
    const chat = chatOf((view) => {
      views.push(Object.assign({}, view, { conversation: view.conversation.map(textOf) }));
      return ['b', 'a'][view.round];
    });

    await chat.run('task');

    const participants = [
      { name: 'a', description: 'a speaks' },
      { name: 'b', description: 'b speaks' },
    ];
    expect(views).toEqual([
      {
        round: 0,
        totalRounds: 0,
        participants,
        candidates: participants,
        conversation: ['task'],
        lastSpeaker: undefined,
      },
      {
        round: 1,
        totalRounds: 1,
        participants,
        candidates: participants,
        conversation: ['task', 'b1'],
        lastSpeaker: 'b',
      },
    ]);
  });

  it('counts the rounds of a second run from 0 and the total on', async () => {
    const rounds: number[][] = [];
    const chat = chatOf(
      ({ round, totalRounds }) => {
        rounds.push([round, totalRounds]);
        return 'a';
      },
      { maxRounds: 1 },
    );

    await chat.run('one');
    await chat.run('two');

    expect(rounds).toEqual([
      [0, 0],
      [0, 1],
    ]);
  });

  it.each([null, undefined])('ends the chat with %s', async (nobody) => {
    const result = await chatOf(({ round }) => (round === 0 ? 'a' : nobody)).run('task');

    expect(result.outputs.map(({ text }) => text)).toEqual(['a1']);
    expect(result.stopReason).toEqual({ code: 'selector' });
  });

  it('may answer later', async () => {
    const { outputs } = await chatOf(async ({ round }) => ['b', 'a'][round]).run('task');

    expect(outputs.map(({ text }) => text)).toEqual(['b1', 'a1']);
  });

  it.each([
    ['an unknown name', 'nobody', 'string "nobody". Return one of these names.'],
    ['a name in another case', 'A', 'string "A". Did you mean "a"?'],
    ['an empty name', '', 'string "". Return one of these names.'],
    [
      "the orchestrator's own name",
      'group_chat_orchestrator',
      'string "group_chat_orchestrator". Return one of these names.',
    ],
    ['a number', 42, 'number 42. Return one of these names.'],
    ['a list of names', ['a'], 'array of 1 ["a"]. Return one of these names.'],
    [
      'a participant instead of its name',
      { name: 'a' },
      'object {"name":"a"}. Return one of these names.',
    ],
  ])('fails the run when it answers with %s', async (_what, answer, got) => {
    const chat = chatOf(() => answer as string);

    const error = await failureOf(chat.run('task'));

    expect(error).toEqual(
      new SpeakerSelectionError(
        `Expected the next speaker to be one of a, b, or null to end the chat, got ${got}`,
        ['a', 'b'],
      ),
    );
  });

  it.each<[string, SpeakerSelector]>([
    [
      'throws',
      () => {
        throw new RangeError('no idea');
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('no idea'))],
  ])('fails the run with its own error when it %s', async (_how, selectSpeaker) => {
    const error = await failureOf(chatOf(selectSpeaker).run('task'));

    expect(error).toEqual(new RangeError('no idea'));
  });

  it('cannot change what it is shown', async () => {
    const chat = chatOf((view) => {
      const { participants, conversation } = view;
      const participant = participants[0] ?? fail();
      const message = conversation[0] ?? fail();
      const attempts = [
        () => Object.assign(view, { round: 9 }),
        () => (participants as unknown[]).push({ name: 'c', description: '' }),
        () => Object.assign(participant, { name: 'c' }),
        () => (conversation as unknown[]).pop(),
        () => Object.assign(message, { role: 'system' }),
        () => (message.contents as unknown[]).pop(),
        () => Object.assign(message.contents[0] ?? fail(), { text: 'forged' }),
      ];
      for (const attempt of attempts) expect(attempt).toThrow(TypeError);
      return 'a';
    });

    const { outputs } = await chat.run('task');

    expect(outputs.map(({ text }) => text)).toEqual(['a1', 'a2']);
  });

  it('is reset with the chat, and waited for', async () => {
    const calls: string[] = [];
    const selectSpeaker = Object.assign(() => 'a', {
      reset: async () => {
        await Promise.resolve();
        calls.push('reset');
      },
    });
    const chat = chatOf(selectSpeaker);
    await chat.run('task');

    await chat.resetForNewRun();

    expect(calls).toEqual(['reset']);
  });

  it('has no say any more once its run was left behind and the chat reset', async () => {
    const late = Promise.withResolvers<string>();
    const asked = Promise.withResolvers<undefined>();
    const seen: string[][] = [];
    const chat = chatOf(
      ({ conversation }) => {
        seen.push(conversation.map(textOf));
        asked.resolve(undefined);
        return seen.length === 1 ? late.promise : 'a';
      },
      { graceMs: 0, maxRounds: 1 },
    );
    const stream = chat.stream('old');
    await asked.promise;
    await stream.cancel();
    await chat.resetForNewRun();

    late.resolve('a');
    await late.promise;
    await chat.run('new');

    expect(seen).toEqual([['old'], ['new']]);
  });
});

describe('roundRobin', () => {
  const speakersOf = async (chat: ReturnType<typeof chatOf>): Promise<string[]> =>
    (await chat.run('task')).outputs.map(({ text }) => text);

  it('lets everybody speak in declared order, and a second run goes on where the first ended', async () => {
    const chat = chatOf(roundRobin(), { maxRounds: 3 });

    const runs = [await speakersOf(chat), await speakersOf(chat)];

    expect(runs).toEqual([
      ['a1', 'b1', 'a2'],
      ['b2', 'a3', 'b3'],
    ]);
  });

  it('begins with the first again after a reset', async () => {
    const chat = chatOf(roundRobin(), { maxRounds: 1 });

    await chat.run('task');
    await chat.resetForNewRun();

    expect(await speakersOf(chat)).toEqual(['a2']);
  });

  it('keeps no turn of its own, so one selector leads several chats', async () => {
    const selectSpeaker = roundRobin();

    const first = await speakersOf(chatOf(selectSpeaker, { maxRounds: 1 }));
    const second = await speakersOf(chatOf(selectSpeaker, { maxRounds: 1 }));

    expect([first, second]).toEqual([['a1'], ['a1']]);
  });
});
