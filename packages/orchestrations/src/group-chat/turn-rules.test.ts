import { Agent, ConfigurationError, textOf } from '@colloquy/core';
import { scripted } from '@colloquy/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type GroupChatOptions, groupChat } from './group-chat.ts';
import { roundRobin } from './selectors.ts';
import { candidatesOf, type TurnRules } from './transitions.ts';

const NAMES = ['a', 'b', 'c'];

const talker = (name: string): Agent =>
  new Agent({ name, client: scripted(Array.from({ length: 9 }, (_, turn) => `${name}${turn}`)) });

type Lead = Pick<GroupChatOptions, 'selectSpeaker'>;

function chatOf(rules: TurnRules, options: Lead & { maxRounds?: number } = {}) {
  const { selectSpeaker = roundRobin(), maxRounds = 6 } = options;
  const participants = NAMES.map((name) => talker(name));
  return groupChat({ participants, selectSpeaker, maxRounds, ...rules });
}

const speakersOf = ({ outputs }: { outputs: readonly { agentName: string }[] }): string =>
  outputs.map(({ agentName }) => agentName).join('');

describe('transitions', () => {
  it('say who may speak after whom; after the input anybody may', async () => {
    const chat = chatOf({ transitions: { a: ['c'], c: ['b'], b: ['c', 'a'] } });
    expect(speakersOf(await chat.run('task'))).toBe('acbcbc');
  });

  it('end the chat where nobody may speak', async () => {
    const chat = chatOf({ transitions: { b: [] } });
    const result = await chat.run('task');
    expect(speakersOf(result)).toBe('ab');
    expect(result.stopReason).toEqual({
      code: 'selector',
      detail: 'nobody may speak after "b"',
    });
    expect(speakersOf(await chat.run('again'))).toMatch(/^c/);
  });

  it('bind a function, which is told', async () => {
    const chat = chatOf(
      { transitions: { a: ['c'] } },
      { selectSpeaker: ({ round }) => NAMES[round] },
    );
    await expect(chat.run('task')).rejects.toMatchObject({
      cause: {
        code: 'group-chat/speaker-selection',
        candidates: ['c'],
        message:
          'Expected the next speaker to be one of c, or null to end the chat, got string "b". By transitions or allowRepeat "b" may not speak after "a".',
      },
    });
  });

  it('are part of what an orchestrator agent is asked, and of what its answers are checked by', async () => {
    const say = (next: string) => ({
      terminate: false,
      reason: '',
      next_speaker: next,
      final_message: null,
    });
    const client = scripted([say('a'), say('b'), say('c')]);
    const chat = groupChat({
      participants: NAMES.map((name) => talker(name)),
      orchestrator: new Agent({ name: 'lead', client }),
      transitions: { a: ['c'] },
      maxRounds: 2,
    });
    expect(speakersOf(await chat.run('task'))).toBe('ac');
    const asked = client.requests.map(({ messages }) =>
      textOf(messages.at(-1) ?? { contents: [] }),
    );
    expect(asked[1]).toMatch(/spelt as here:\n- c$/);
    expect(asked[2]).toContain('next_speaker is "b", who may not speak after "a"');
  });

  it.each([
    [{ transitions: { x: ['a'] } }, 'participants\' (a, b, c), got string "x"'],
    [{ transitions: { a: ['x'] } }, 'participants\' (a, b, c), got string "x"'],
    [{ transitions: { a: 'b' } }, 'Expected transitions.a to be a list of names, got string "b"'],
    [{ transitions: 'a' }, 'Expected transitions to be { name: names }, got string "a"'],
    [{ allowRepeat: 1 }, 'Expected allowRepeat to be true or false, got number 1'],
  ])('are refused where they cannot be followed: %j', (rules, message) => {
    const build = (): unknown => chatOf(rules as unknown as TurnRules);
    expect(build).toThrow(ConfigurationError);
    expect(build).toThrow(message);
  });
});

describe('allowRepeat', () => {
  it('keeps one from speaking twice in a row, but for the first turn of a run', async () => {
    const seen: string[] = [];
    const chat = chatOf(
      { allowRepeat: false },
      {
        maxRounds: 2,
        selectSpeaker: ({ candidates }) => {
          seen.push(candidates.map(({ name }) => name).join(''));
          return candidates[0]?.name;
        },
      },
    );
    expect(speakersOf(await chat.run('task'))).toBe('ab');
    expect(speakersOf(await chat.run('more'))).toBe('ab');
    expect(seen).toEqual(['abc', 'bc', 'abc', 'bc']);
  });
});

describe('candidates', () => {
  const names = fc.subarray(NAMES);
  const rules: fc.Arbitrary<TurnRules> = fc.record({
    allowRepeat: fc.boolean(),
    transitions: fc.dictionary(fc.constantFrom(...NAMES), names),
  });

  it('are in declared order and exactly those whom the rules let speak', () => {
    fc.assert(
      fc.property(rules, fc.constantFrom(...NAMES), (given, last) => {
        const participants = NAMES.map((name) => ({ name }));
        const found = candidatesOf(participants, last, given).map(({ name }) => name);
        const expected = NAMES.filter(
          (name) =>
            (given.transitions?.[last]?.includes(name) ?? true) &&
            (given.allowRepeat === true || name !== last),
        );
        expect(found).toEqual(expected);
        expect(candidatesOf(participants, undefined, given)).toEqual(participants);
      }),
    );
  });
});
