import {
  Agent,
  type AgentLike,
  AgentSession,
  ConfigurationError,
  WorkflowValidationError,
} from '@colloquy/core';
import { scripted } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

import { errorOf } from '../../test/error-of.ts';
import { maxMessages } from '../termination/max-messages.ts';
import { BaseGroupChatOrchestrator } from './base-orchestrator.ts';
import { groupChat, type GroupChatOptions } from './group-chat.ts';
import { roundRobin } from './selectors.ts';

const agent = (name: string) => new Agent({ name, client: scripted([]) });

/** What another framework's agent may be like. */
const foreign = (name: unknown): AgentLike => {
  const inner = agent('inner');
  return {
    id: 'foreign',
    name: name as string,
    description: '',
    run: (input, options) => inner.run(input, options),
    stream: (input, options) => inner.stream(input, options),
    createSession: () => new AgentSession(),
  };
};

/** Builds as code without types would. */
const build = (options: { readonly [option: string]: unknown }): unknown =>
  groupChat({
    participants: [agent('a'), agent('b')],
    ...options,
  } as unknown as GroupChatOptions);

class Silent extends BaseGroupChatOrchestrator {
  protected override nextSpeaker(): null {
    return null;
  }
}

describe('the participants of a group chat', () => {
  const issuesOf = (options: { readonly [option: string]: unknown }): unknown => {
    const error = errorOf(() => build({ selectSpeaker: roundRobin(), ...options }));
    return error instanceof WorkflowValidationError ? error.issues : error;
  };

  const nobody = (got: string) => ({
    code: 'no-participants',
    message: `Expected a list of at least one participant, got ${got}. Pass agents, or executors that handle GroupChatRequest.`,
  });

  const notOne = (index: number, got: string) => ({
    code: 'not-a-participant',
    message: `Expected participant ${index} to be an agent, an executor, or a factory of an executor, got ${got}. Pass the participant itself, not its name.`,
  });

  const nameless = (index: number, got: string) => ({
    code: 'participant-without-name',
    message: `Expected participant ${index} to have a name, got ${got}. Name it: others address it by name.`,
  });

  const twice = (name: string) => ({
    code: 'duplicate-participant',
    message: `Participants 0 and 1 are both called "${name}" (case aside), so nobody could tell them apart. Rename one; for the same agent twice use agentExecutor(agent, { id }).`,
  });

  const likeTheLeader = (index: number, name: string) => ({
    code: 'duplicate-participant',
    message: `Participant ${index} is called "${name}" as the orchestrator is (case aside), so nobody could tell them apart. Rename one; one agent cannot both lead and take part.`,
  });

  it.each([
    ['left out', undefined, nobody('undefined')],
    ['null', null, nobody('null')],
    ['an empty list', [], nobody('an empty list')],
    ['a name instead of a list', 'writer', nobody('string "writer"')],
    ['nothing', [null], notOne(0, 'null')],
    ['a name', [agent('a'), 'writer'], notOne(1, 'string "writer"')],
    ['no agent', [{}], notOne(0, 'object {}')],
    ['a factory of no executor', [() => agent('a')], notOne(0, 'function (anonymous)')],
    ['without a name', [foreign(undefined)], nameless(0, 'undefined')],
    ['with an empty name', [agent('a'), foreign('')], nameless(1, 'string ""')],
    ['called alike', [agent('a'), agent('a')], twice('a')],
    ['called alike but for the case', [agent('writer'), agent('Writer')], twice('Writer')],
    [
      'called like the orchestrator',
      [agent('group_chat_orchestrator')],
      likeTheLeader(0, 'group_chat_orchestrator'),
    ],
    [
      'called like the orchestrator but for the case',
      [agent('a'), agent('Group_Chat_Orchestrator')],
      likeTheLeader(1, 'Group_Chat_Orchestrator'),
    ],
  ])('may not be %s', (_what, participants, issue) => {
    expect(issuesOf({ participants })).toEqual([issue]);
  });

  it('may not be the agent that leads', () => {
    const lead = agent('lead');

    expect(
      issuesOf({ selectSpeaker: undefined, participants: [lead], orchestrator: lead }),
    ).toEqual([likeTheLeader(0, 'lead')]);
  });

  it('are reported all at once', () => {
    const participants = [agent('a'), agent('A'), foreign('')];

    expect(issuesOf({ participants })).toEqual([nameless(2, 'string ""'), twice('A')]);
  });
});

describe('who leads a group chat', () => {
  const code = 'group-chat/orchestrator';
  const exactlyOne = (got: string) =>
    `Expected exactly one of selectSpeaker and orchestrator, got ${got}. Pass a function that names the next speaker, or an agent that decides.`;
  const noOrchestrator = (got: string) =>
    `Expected orchestrator to be an agent, { agent, session?, retries? }, a BaseGroupChatOrchestrator or a factory of one, got ${got}. To choose by function pass selectSpeaker.`;
  const noSelector = (got: string) =>
    `Expected selectSpeaker to be a function that names the next speaker, got ${got}. Pass (view) => name, or roundRobin().`;
  const beside = (names: string) =>
    `Expected ${names} to be given to the orchestrator itself, got it beside an orchestrator of your own, which would not see it. Pass it to its constructor.`;

  it.each([
    ['nobody', {}, exactlyOne('neither')],
    ['two', { selectSpeaker: roundRobin(), orchestrator: agent('lead') }, exactlyOne('both')],
    ['a name', { selectSpeaker: 'a' }, noSelector('string "a"')],
    ['null', { selectSpeaker: null }, noSelector('null')],
    ['no agent', { orchestrator: 42 }, noOrchestrator('number 42')],
    [
      'no agent in the options',
      { orchestrator: { retries: 1 } },
      noOrchestrator('object {"retries":1}'),
    ],
    [
      'what a factory did not make',
      { orchestrator: (): unknown => null },
      noOrchestrator('what a factory made: null'),
    ],
    [
      'one’s own beside maxRounds',
      { orchestrator: new Silent(), maxRounds: 3 },
      beside('maxRounds'),
    ],
    [
      'one’s own beside until',
      { orchestrator: (): unknown => new Silent(), until: maxMessages(3), view: 'own' },
      beside('until, view'),
    ],
  ])('may not be %s', (_what, options, message) => {
    expect(errorOf(() => build(options))).toEqual(new ConfigurationError(message, { code }));
  });

  it('may not lead a second chat at the same time', () => {
    const orchestrator = new Silent();
    build({ orchestrator });

    expect(errorOf(() => build({ orchestrator }))).toMatchObject({
      code: 'workflow/invalid',
      issues: [{ code: 'shared-instance' }],
    });
  });

  it('may lead a chat after another could not be built', () => {
    const orchestrator = new Silent();
    errorOf(() => build({ orchestrator, maxSupersteps: 0 }));

    expect(build({ orchestrator })).toBeDefined();
  });
});

describe('the limits of a group chat', () => {
  it.each([
    [0, 'number 0'],
    [-1, 'number -1'],
    [1.5, 'number 1.5'],
    [Number.NaN, 'number NaN'],
    [-Infinity, 'number -Infinity'],
    ['3', 'string "3"'],
  ])('refuse %s as maxRounds', (maxRounds, got) => {
    expect(errorOf(() => build({ selectSpeaker: roundRobin(), maxRounds }))).toEqual(
      new ConfigurationError(
        `Expected maxRounds to be a whole number, 1 or more, or Infinity for no limit, got ${got}.`,
      ),
    );
  });

  it.each([
    ['STOP', 'string'],
    [{}, 'object'],
    [3, 'number'],
  ])('refuse %j as until', (until, got) => {
    expect(errorOf(() => build({ selectSpeaker: roundRobin(), until }))).toEqual(
      new ConfigurationError(
        `Expected until to be a condition or a function, got ${got}. Pass textMention(…), maxMessages(…), or (view) => boolean.`,
      ),
    );
  });

  it('refuse a fallback that is no function', () => {
    expect(
      errorOf(() => build({ orchestrator: { agent: agent('lead'), fallback: 'alice' } })),
    ).toEqual(
      new ConfigurationError(
        'Expected fallback to be a function that names the next speaker, got string "alice". Pass (view) => name, or roundRobin().',
        { code: 'group-chat/orchestrator' },
      ),
    );
  });

  it.each([
    [-1, 'number -1'],
    [1.5, 'number 1.5'],
    [Number.NaN, 'number NaN'],
    [Infinity, 'number Infinity'],
    ['3', 'string "3"'],
  ])('refuse %s as retries', (retries, got) => {
    expect(errorOf(() => build({ orchestrator: { agent: agent('lead'), retries } }))).toEqual(
      new ConfigurationError(
        `Expected retries to be a whole number, 0 or more, got ${got}. Leave it out for 3.`,
      ),
    );
  });
});
