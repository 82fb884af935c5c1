import {
  Agent,
  ConfigurationError,
  type Message,
  textMessage,
  type Workflow,
} from '@colloquy/core';
import { scripted } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

import { groupChat } from '../group-chat/group-chat.ts';
import { handoff } from '../handoff/handoff.ts';
import { magentic } from '../magentic/magentic.ts';
import { external } from './external.ts';
import { maxMessages } from './max-messages.ts';
import { toTerminationCondition } from './predicate.ts';
import {
  TerminationCondition,
  type TerminationAnswer,
  type TerminationView,
} from './termination-condition.ts';
import { textMention } from './text-mention.ts';
import { timeout } from './timeout.ts';

const viewOf = (...conversation: readonly Message[]): TerminationView => ({
  conversation,
  fullConversation: conversation,
  round: 0,
  totalRounds: 0,
  usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
  toolCalls: [],
});

const user = (text: string) => textMessage('user', text);
const said = (name: string, text: string) => textMessage('assistant', text, name);

/** Holds or not, and notes that it was asked and reset. */
class Fixed extends TerminationCondition {
  readonly calls: string[] = [];
  readonly #answer: TerminationAnswer;
  constructor(answer: TerminationAnswer) {
    super();
    this.#answer = answer;
  }
  override check(): TerminationAnswer {
    this.calls.push('check');
    return this.#answer;
  }
  override reset(): void {
    this.calls.push('reset');
  }
}

describe('maxMessages', () => {
  it.each([
    [1, undefined],
    [2, 'maxMessages(2)'],
    [3, 'maxMessages(2)'],
  ])('counts %i messages of the run, its input included', (count, answer) => {
    const messages = Array.from({ length: count }, () => user('x'));

    expect(maxMessages(2).check(viewOf(...messages))).toBe(answer);
  });

  it.each([0, -1, 1.5, Number.NaN, Infinity])('refuses %s', (limit) => {
    expect(() => maxMessages(limit)).toThrow(ConfigurationError);
  });
});

describe('textMention', () => {
  it.each([
    ['the input', user('say APPROVED'), undefined],
    ['a participant', said('b', 'APPROVED.'), 'textMention("APPROVED")'],
    ['another case', said('b', 'approved'), undefined],
    ['a user with a name', textMessage('user', 'APPROVED', 'Ada'), 'textMention("APPROVED")'],
  ])('looks at %s', (_what, message, answer) => {
    expect(textMention('APPROVED').check(viewOf(user('task'), message))).toBe(answer);
  });

  it.each([
    ['a', undefined],
    ['b', 'textMention("OK")'],
  ])('listens only to those it is told to: %s', (name, answer) => {
    const condition = textMention('OK', { from: ['b'] });

    expect(condition.check(viewOf(said(name, 'OK')))).toBe(answer);
  });

  it('refuses an empty text', () => {
    expect(() => textMention('')).toThrow(ConfigurationError);
  });
});

describe('a combination of conditions', () => {
  const [yes, no] = [() => new Fixed('yes'), () => new Fixed(undefined)];

  it.each([
    ['or', yes(), yes(), 'yes'],
    ['or', yes(), no(), 'yes'],
    ['or', no(), yes(), 'yes'],
    ['or', no(), no(), undefined],
    ['and', yes(), yes(), 'yes and yes'],
    ['and', yes(), no(), undefined],
    ['and', no(), yes(), undefined],
    ['and', no(), no(), undefined],
  ] as const)('with %s holds as logic has it', async (operator, left, right, answer) => {
    expect(await left[operator](right).check(viewOf())).toBe(answer);
    expect([left.calls, right.calls]).toEqual([['check'], ['check']]);
  });

  it.each([
    [yes(), undefined],
    [no(), 'not'],
  ])('with not holds where the condition does not', async (condition, answer) => {
    expect(await condition.not().check(viewOf())).toBe(answer);
  });

  it('resets all its parts', () => {
    const [left, right, negated] = [yes(), yes(), yes()];

    left.and(right).or(negated.not()).reset();

    expect([left.calls, right.calls, negated.calls]).toEqual([['reset'], ['reset'], ['reset']]);
  });
});

describe('the condition of a workflow', () => {
  const agent = new Agent({ name: 'a', client: scripted([]) });

  it.each<readonly [what: string, build: (until: TerminationCondition) => Workflow<string>]>([
    [
      'a group chat',
      (until) => groupChat({ participants: [agent], selectSpeaker: () => null, until }),
    ],
    ['a Magentic team', (until) => magentic({ participants: [agent], manager: agent, until })],
    ['a handoff', (until) => handoff({ participants: [agent], start: agent, until })],
  ])('is reset with %s, before anything runs', async (_, build) => {
    const until = new Fixed(undefined);

    await build(until).resetForNewRun();

    expect(until.calls).toEqual(['reset']);
  });
});

describe('a fork of a condition', () => {
  it('is the condition itself where that remembers nothing', () => {
    const condition = maxMessages(3);

    expect(condition.fork()).toBe(condition);
  });

  it('is none where a condition remembers something and does not say how', () => {
    expect([new Fixed('yes').fork(), new Fixed('yes').not().fork()]).toEqual([
      undefined,
      undefined,
    ]);
    expect(maxMessages(3).and(new Fixed('yes')).fork()).toBeUndefined();
    expect(new Fixed('yes').or(maxMessages(3)).fork()).toBeUndefined();
  });

  it('begins for itself, also within others', async () => {
    let now = 0;
    const condition = timeout(10, { now: () => now }).and(maxMessages(1).not());
    await condition.check(viewOf());
    now = 10;

    const fork = condition.fork();
    const first = await fork?.check(viewOf());
    fork?.reset();

    expect([first, await condition.check(viewOf())]).toEqual([undefined, 'timeout(10) and not']);
  });

  it('is the same where somebody outside decides, who has one handle', () => {
    const condition = external();

    expect(condition.fork()).toBe(condition);
  });
});

describe('a function as a condition', () => {
  it.each([
    [() => true, 'predicate'],
    [() => false, undefined],
    [() => Promise.resolve(true), 'predicate'],
  ])('holds as it answers', async (holds, answer) => {
    expect(await toTerminationCondition(holds).check(viewOf())).toBe(answer);
  });

  it('has nothing to reset', () => {
    expect(toTerminationCondition(() => true).reset()).toBeUndefined();
  });
});
