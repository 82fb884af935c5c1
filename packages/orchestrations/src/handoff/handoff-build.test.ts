import {
  Agent,
  AgentSession,
  defineExecutor,
  defineTool,
  WorkflowValidationError,
} from '@colloquy/core';
import { scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { errorOf } from '../../test/error-of.ts';
import { handoff, type HandoffOptions } from './handoff.ts';

const agent = (name: string, ...script: string[]) => new Agent({ name, client: scripted(script) });

/** Builds as code without types would. */
const build = (options: { readonly [option: string]: unknown }) =>
  handoff({
    participants: [agent('a'), agent('b')],
    start: 'a',
    ...options,
  });

function issuesOf(options: { readonly [option: string]: unknown }): unknown {
  const error = errorOf(() => build(options));
  return error instanceof WorkflowValidationError
    ? error.issues.map(({ code, message }) => `${code}: ${message}`)
    : error;
}

const said = (text: string): unknown => expect.stringContaining(text);

describe('what a handoff refuses to be built from', () => {
  it.each([
    ['nobody', { participants: [] }, ['no-participants: Expected a list of at least one']],
    ['no list', { participants: 'a' }, ['no-participants: Expected a list of at least one']],
    ['a name', { participants: ['a'] }, ['not-a-participant: Expected participant 0']],
    ['null', { participants: [agent('a'), null] }, ['not-a-participant: Expected participant 1']],
    [
      'an executor',
      { participants: [agent('a'), defineExecutor('x', () => '')] },
      ['not-an-agent: Expected participant 1 of a handoff to be an Agent, or { agent, session }'],
    ],
    [
      'an agent of another kind',
      { participants: [handoff({ participants: [agent('in')], start: 'in' }).asAgent()] },
      [
        'not-an-agent: Expected participant 0 of a handoff to be an Agent, or { agent, session }, got the agent "handoff" of another kind',
      ],
    ],
    [
      'two of one name',
      { participants: [agent('a'), agent('A')] },
      ['duplicate-participant: Participants 0 and 1 are both called "A"'],
    ],
    [
      'one with the orchestrator’s name',
      { participants: [agent('handoff_orchestrator')] },
      ['duplicate-participant: Participant 0 is called "handoff_orchestrator"'],
    ],
  ])('%s', (_what, options, issues) => {
    expect(issuesOf(options)).toEqual(issues.map(said));
  });

  it('every name that is no participant’s, all at once', () => {
    const issues = issuesOf({
      start: 'x',
      routes: { y: ['a'], a: ['z', 'a'], b: 'a' },
      autonomous: { agents: ['q'], maxTurns: 1 },
    });

    expect(issues).toEqual([
      said('unknown-participant: Expected start to be one of a, b, got string "x"'),
      said('unknown-participant: Expected a source of routes to be one of a, b, got string "y"'),
      said(
        'unknown-participant: Expected a target of routes from "a" to be one of a, b, got string "z"',
      ),
      said('invalid-routes: Expected "a" to hand over to others'),
      said('invalid-routes: Expected the routes of "b" to be a list of names, got string "a"'),
      said(
        'unknown-participant: Expected an agent of autonomous to be one of a, b, got string "q"',
      ),
    ]);
  });

  it.each([
    ['no start', { start: undefined }, 'unknown-participant: Expected start'],
    ['a stranger as start', { start: agent('c') }, 'got string "c"'],
    ['routes that are a list', { routes: ['a'] }, 'invalid-routes: Expected routes to be names'],
  ])('%s', (_what, options, message) => {
    expect(issuesOf(options)).toEqual([said(message)]);
  });

  it('names that make the same tool', () => {
    const issues = issuesOf({ participants: [agent('a'), agent('b c'), agent('b.c')] });

    expect(issues).toEqual([
      said(
        'handoff-tool-name: Expected the tool "handoff_to_b_c", by which "a" hands over to "b.c"',
      ),
    ]);
  });

  it('a tool of an agent’s own with the name of a handoff', () => {
    const own = defineTool({
      name: 'handoff_to_b',
      description: 'Mine',
      input: z.object({}),
      execute: () => '',
    });
    const a = new Agent({ name: 'a', client: scripted([]), tools: [own] });

    expect(issuesOf({ participants: [a, agent('b')] })).toEqual([
      said('its own tool "handoff_to_b" has it'),
    ]);
  });

  it('a name that is too long for a tool', () => {
    const long = 'n'.repeat(60);

    expect(issuesOf({ participants: [agent('a'), agent(long)] })).toEqual([
      said('to have at most 64 characters, got 71'),
    ]);
  });

  it.each([
    [{ maxHandoffs: 0 }, 'Expected maxHandoffs to be a whole number, 1 or more'],
    [{ maxHandoffs: 1.5 }, 'Expected maxHandoffs to be a whole number, 1 or more'],
    [{ autonomous: { maxTurns: -1 } }, 'Expected autonomous.maxTurns to be a whole number, 0'],
    [{ autonomous: {} }, 'Expected autonomous.maxTurns to be a whole number, 0'],
    [{ autonomous: { maxTurns: 1, prompt: ' ' } }, 'Expected autonomous.prompt to say something'],
    [{ until: 3 }, 'Expected until to be a condition or a function'],
  ])('%o', (options, message) => {
    expect(errorOf(() => build(options))).toMatchObject({
      code: 'configuration/invalid',
      message: said(message),
    });
  });
});

describe('what a handoff refuses to run on', () => {
  it.each([
    ['an empty list', []],
    ['a message that says nothing', { role: 'user', contents: [{ type: 'text', text: '' }] }],
  ])('%s', async (_what, input) => {
    const team = build({ participants: [agent('a', 'Hello.')] });

    await expect(team.run(input as never)).rejects.toMatchObject({
      cause: { code: 'handoff/empty-input' },
    });
    expect((await team.run('Hi')).outputs).toMatchObject([{ text: 'Hello.' }]);
  });

  it.each([{}, { text: '' }, { end: false }, { text: 'x', end: true }, 'yes'])(
    'the answer %o',
    async (answer) => {
      const team = build({ participants: [agent('a', 'Hello.')] });
      const { pendingRequests } = await team.run('Hi');

      const responses = { [pendingRequests[0]?.id ?? '']: answer };

      await expect(team.resume({ responses })).rejects.toMatchObject({
        code: 'request/invalid-response',
      });
    },
  );
});

describe('names and outputs', () => {
  it('makes of a name a tool that services take', async () => {
    const client = scripted([toolCall('handoff_to_Second_Line')]);
    const second = agent('Second Line', 'Hello.');
    const team = handoff({
      participants: [new Agent({ name: 'first', client }), second],
      start: 'first',
    });

    expect((await team.run('Hi')).outputs).toMatchObject([{ agentName: 'Second Line' }]);
  });

  const designated = async (options: (a: Agent, b: Agent) => Partial<HandoffOptions>) => {
    const client = scripted([['a1', toolCall('handoff_to_b')]]);
    const [a, b] = [new Agent({ name: 'a', client }), agent('b', 'b1')];
    const participants = [{ agent: a, session: new AgentSession() }, b];
    const team = handoff({ participants, start: a, ...options(a, b) });
    const { outputs, intermediates } = await team.run('Hi');
    return [outputs, intermediates].map((each) =>
      each.map((reply) => (reply as { text: string }).text),
    );
  };

  it('puts out whose replies are wanted', async () => {
    expect(await designated(() => ({}))).toEqual([['a1', 'b1'], []]);
    expect(await designated((_, b) => ({ outputFrom: [b] }))).toEqual([['b1'], []]);
    expect(await designated(() => ({ outputFrom: 'all' }))).toEqual([['a1', 'b1'], []]);
    expect(await designated((a) => ({ intermediateFrom: [a] }))).toEqual([['b1'], ['a1']]);
    expect(await designated(() => ({ intermediateFrom: 'all_other' }))).toEqual([[], ['a1', 'b1']]);
    expect(
      await designated((_, b) => ({ outputFrom: [b], intermediateFrom: 'all_other' })),
    ).toEqual([['b1'], ['a1']]);
  });

  it('refuses to put out who takes no part', () => {
    const error = errorOf(() => build({ outputFrom: [agent('c')] }));

    expect(error).toMatchObject({ code: 'workflow/invalid' });
  });
});
