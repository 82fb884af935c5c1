import { Agent, type AgentOptions, defineTool, type Message, textOf } from '@colloquy/core';
import { type ScriptEntry, type ScriptedChatClient, scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { maxMessages } from '../termination/max-messages.ts';
import { textMention } from '../termination/text-mention.ts';
import { HandoffEvent } from './handoff-messages.ts';
import { type Handoff, handoff } from './handoff.ts';

/** An agent on a script. */
function agent(
  name: string,
  script: readonly ScriptEntry[],
  options: Partial<AgentOptions> = {},
): { readonly agent: Agent; readonly model: ScriptedChatClient } {
  const model = scripted(script);
  return { agent: new Agent({ name, client: model, ...options }), model };
}

const to = (name: string): ScriptEntry => toolCall(`handoff_to_${name}`);

const textsOf = (messages: readonly Message[] | undefined): string[] =>
  (messages ?? []).map(textOf).filter((text) => text !== '');

async function handoffsOf(run: ReturnType<Handoff['stream']>): Promise<string[]> {
  const told: string[] = [];
  for await (const event of run)
    if (HandoffEvent.is(event)) told.push(`${event.source} > ${event.target}`);
  return told;
}

describe('a handoff', () => {
  it('goes to whom the model calls for, and the user is asked by who replies', async () => {
    const triage = agent('triage', [['One moment.', toolCall('handoff_to_billing')]]);
    const billing = agent('billing', ['Which invoice?']);
    const team = handoff({ participants: [triage.agent, billing.agent], start: 'triage' });
    const run = team.stream('I paid twice');

    const told = await handoffsOf(run);
    const { outputs, pendingRequests, stopReason, state } = await run.result;

    expect(told).toEqual(['triage > billing']);
    expect(outputs.map(({ agentName, text }) => [agentName, text])).toEqual([
      ['triage', 'One moment.'],
      ['billing', 'Which invoice?'],
    ]);
    expect(pendingRequests).toMatchObject([
      { type: 'user_turn', data: { participant: 'billing', text: 'Which invoice?' } },
    ]);
    expect([state, stopReason]).toEqual(['idle_with_pending_requests', { code: 'completed' }]);
  });

  it('gives the answer to who asked, with all that it has read and said', async () => {
    const triage = agent('triage', [to('billing')]);
    const billing = agent('billing', ['Which invoice?', 'Paid back.']);
    const team = handoff({ participants: [triage.agent, billing.agent], start: triage.agent });
    const { pendingRequests } = await team.run('I paid twice');

    const responses = { [pendingRequests[0]?.id ?? '']: { text: 'Number 7' } };
    const { outputs } = await team.resume({ responses });

    expect(outputs.map(({ text }) => text)).toEqual(['Paid back.']);
    expect(textsOf(billing.model.requests[1]?.messages)).toEqual([
      'I paid twice',
      'Which invoice?',
      'Number 7',
    ]);
    expect(triage.model.requests).toHaveLength(1);
  });

  it('ends when the user wants nothing more', async () => {
    const team = handoff({ participants: [agent('a', ['Hello.']).agent], start: 'a' });
    const { pendingRequests } = await team.run('Hi');

    const responses = { [pendingRequests[0]?.id ?? '']: { end: true } };
    const { outputs, stopReason, state } = await team.resume({ responses });

    expect([outputs, state]).toEqual([[], 'idle']);
    expect(stopReason).toEqual({
      code: 'completed',
      detail: 'the user has ended the conversation',
    });
  });

  it('offers tools as the routes say, in their order', async () => {
    const a = agent('a', ['Hello.'], { description: 'Greets' });
    const [b, c] = [agent('b', []), agent('c', [], { description: 'Counts.' })];
    const team = handoff({
      participants: [a.agent, b.agent, c.agent],
      start: 'a',
      routes: { a: ['c', 'b'] },
    });

    await team.run('Hi');

    expect(a.model.requests[0]?.tools).toMatchObject([
      { name: 'handoff_to_c', description: 'Hands the conversation over to c. Counts.' },
      {
        name: 'handoff_to_b',
        description: 'Hands the conversation over to b. It goes on with the user.',
      },
    ]);
  });

  it('offers none to an agent without a route', async () => {
    const b = agent('b', ['Hello.']);
    const team = handoff({
      participants: [agent('a', [to('b')]).agent, b.agent],
      start: 'a',
      routes: { a: ['b'] },
    });

    await team.run('Hi');

    expect(b.model.requests[0]?.tools).toEqual([]);
  });

  it('shows nobody the tool calls of another', async () => {
    const look = defineTool({
      name: 'look',
      description: 'Looks',
      input: z.object({}),
      execute: () => 'SECRET',
    });
    const a = agent('a', [toolCall('look'), to('b')], { tools: [look] });
    const b = agent('b', ['Hello.']);
    const team = handoff({ participants: [a.agent, b.agent], start: 'a' });

    await team.run('Hi');

    expect(b.model.requests[0]?.messages).toEqual([
      { role: 'user', contents: [{ type: 'text', text: 'Hi' }] },
    ]);
  });

  it('H3: tells an agent that is handed the conversation back in silence', async () => {
    const a = agent('a', [to('b'), 'Here again.']);
    const b = agent('b', [to('a')]);
    const team = handoff({ participants: [a.agent, b.agent], start: 'a' });

    await team.run('Hi');

    expect(textsOf(a.model.requests[1]?.messages)).toEqual([
      'Hi',
      'b has handed the conversation over to you. Please go on.',
    ]);
  });

  it('ends at the limit, which is counted anew at each turn of the user', async () => {
    const a = agent('a', [to('b'), to('b'), 'Sorry?', to('b')]);
    const b = agent('b', [to('a'), to('a'), 'What now?']);
    const team = handoff({ participants: [a.agent, b.agent], start: 'a', maxHandoffs: 3 });
    const run = team.stream('Hi');

    const told = await handoffsOf(run);
    const { stopReason, pendingRequests } = await run.result;
    const second = await team.run('And now?');

    expect(told).toEqual(['a > b', 'b > a', 'a > b']);
    expect([stopReason, pendingRequests]).toEqual([
      { code: 'maxHandoffs', detail: 'maxHandoffs(3)' },
      [],
    ]);
    expect(second.outputs.map(({ text }) => text)).toEqual(['Sorry?']);
  });

  it('has a limit of ten when nothing is said', async () => {
    const a = agent(
      'a',
      Array.from({ length: 20 }, () => to('b')),
    );
    const b = agent(
      'b',
      Array.from({ length: 20 }, () => to('a')),
    );
    const team = handoff({ participants: [a.agent, b.agent], start: 'a' });
    const run = team.stream('Hi');

    const told = await handoffsOf(run);

    expect(told).toHaveLength(10);
    expect((await run.result).stopReason.detail).toBe('maxHandoffs(10)');
  });
});

describe('until', () => {
  it('H4: is checked before a handoff, which then is not told', async () => {
    const a = agent('a', [['DONE', toolCall('handoff_to_b')]]);
    const team = handoff({
      participants: [a.agent, agent('b', []).agent],
      start: 'a',
      until: textMention('DONE'),
    });
    const run = team.stream('Hi');

    expect(await handoffsOf(run)).toEqual([]);
    expect((await run.result).stopReason).toMatchObject({ code: 'until' });
    expect((await run.result).pendingRequests).toEqual([]);
  });

  it('is checked on the input', async () => {
    const team = handoff({
      participants: [agent('a', []).agent],
      start: 'a',
      until: async ({ conversation }) => conversation.some(({ role }) => role === 'user'),
    });

    const { outputs, stopReason } = await team.run('Hi');

    expect([outputs, stopReason]).toEqual([[], { code: 'until', detail: 'predicate' }]);
  });

  it('looks at the whole of a run, answers too, and is asked after the reply to an answer', async () => {
    const team = handoff({
      participants: [agent('a', ['One?', 'Two.']).agent],
      start: 'a',
      until: maxMessages(3),
    });
    const { pendingRequests } = await team.run('Hi');

    const responses = { [pendingRequests[0]?.id ?? '']: { text: 'Go on' } };
    const done = await team.resume({ responses });

    expect(done.outputs.map(({ text }) => text)).toEqual(['Two.']);
    expect(done.stopReason.code).toBe('until');
  });
});

describe('autonomous turns', () => {
  const worker = () => agent('w', ['w1', 'w2', 'w3', 'w4']);

  it('go on until their number is reached, then the user is asked', async () => {
    const w = worker();
    const team = handoff({
      participants: [w.agent],
      start: 'w',
      autonomous: { maxTurns: 2, prompt: 'More!' },
    });

    const { outputs, pendingRequests } = await team.run('go');

    expect(outputs.map(({ text }) => text)).toEqual(['w1', 'w2', 'w3']);
    expect(pendingRequests).toMatchObject([{ data: { participant: 'w', text: 'w3' } }]);
    expect(textsOf(w.model.requests[2]?.messages)).toEqual(['go', 'w1', 'More!', 'w2', 'More!']);
  });

  it('are none with 0, and the user is asked at once', async () => {
    const team = handoff({
      participants: [worker().agent],
      start: 'w',
      autonomous: { maxTurns: 0 },
    });

    const { outputs, pendingRequests } = await team.run('go');

    expect([outputs.length, pendingRequests.length]).toEqual([1, 1]);
  });

  it('are taken only by those who are named, and counted anew after a handoff', async () => {
    const a = agent('a', ['a1', to('b'), 'a3', 'a4']);
    const b = agent('b', [['b1', toolCall('handoff_to_a')]]);
    const team = handoff({
      participants: [a.agent, b.agent],
      start: 'a',
      autonomous: { agents: ['a'], maxTurns: 1 },
    });

    const { outputs } = await team.run('go');

    expect(outputs.map(({ text }) => text)).toEqual(['a1', 'b1', 'a3', 'a4']);
  });
});

describe('a new run on the same conversation', () => {
  const build = (returnToPrevious: boolean) => {
    const a = agent('a', [to('b'), 'Back with a.']);
    const b = agent('b', ['b here.', 'Still b.']);
    return handoff({ participants: [a.agent, b.agent], start: 'a', returnToPrevious });
  };

  it.each([
    [false, 'Back with a.'],
    [true, 'Still b.'],
  ])('returns to who had it: %s', async (returnToPrevious, expected) => {
    const team = build(returnToPrevious);
    await team.run('Hi');

    const { outputs } = await team.run('More');

    expect(outputs.map(({ text }) => text)).toEqual([expected]);
  });

  it('leaves the question answerable, and who asked it reads all that was said', async () => {
    const a = agent('a', [to('b'), 'Back with a.']);
    const b = agent('b', ['b here.', 'Still b.']);
    const team = handoff({ participants: [a.agent, b.agent], start: 'a' });
    const { pendingRequests } = await team.run('Hi');
    await team.run('More');

    await team.resume({ responses: { [pendingRequests[0]?.id ?? '']: { text: 'For b' } } });

    expect(textsOf(b.model.requests[1]?.messages)).toEqual([
      'Hi',
      'b here.',
      'More',
      'Back with a.',
      'For b',
    ]);
  });
});
