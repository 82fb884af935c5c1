import {
  Agent,
  type AgentLike,
  defineExecutor,
  defineRequest,
  defineTool,
  MemoryCheckpointStore,
  WorkflowBuilder,
} from '@colloquy/core';
import { scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { judge } from '../src/concurrent/aggregators.ts';
import { concurrent } from '../src/concurrent/concurrent.ts';
import { summary } from '../src/group-chat/conversation-view.ts';
import { groupChat } from '../src/group-chat/group-chat.ts';
import { roundRobin } from '../src/group-chat/selectors.ts';
import { sequential } from '../src/sequential/sequential.ts';
import { ledger } from './magentic-script.ts';
import { build as buildMagentic, codeOf, PLAN } from './magentic-team.ts';
import { speaker } from './speaker.ts';

const Price = defineRequest('price', { request: z.string(), response: z.number() });

/** Asks a human for a price, and says it. */
const buyer = (): AgentLike => {
  const asker = defineExecutor('asker')
    .on(String, (_text, ctx) => ctx.request(Price, 'how much?'))
    .onResponse(Price, (price, _asked, ctx) => ctx.yield(`It costs ${price}.`));
  return new WorkflowBuilder({ name: 'buyer', start: asker }).build().asAgent();
};

const checkpoints = () => new MemoryCheckpointStore();

const PATTERNS = [
  [
    'a group chat',
    (clerk: AgentLike) =>
      groupChat({
        participants: [buyer(), clerk],
        selectSpeaker: roundRobin(),
        maxRounds: 2,
        checkpoints: checkpoints(),
      }),
  ],
  [
    'a sequence',
    (clerk: AgentLike) =>
      sequential({ participants: [buyer(), clerk], checkpoints: checkpoints() }),
  ],
  [
    'a concurrency',
    (clerk: AgentLike) =>
      concurrent({ participants: [buyer(), clerk], checkpoints: checkpoints() }),
  ],
  [
    'a Magentic team',
    (clerk: AgentLike) =>
      buildMagentic([...PLAN, ledger({ next: 'buyer' }), ledger({ satisfied: true }), 'FINAL'], {
        participants: [buyer(), clerk],
        checkpoints: checkpoints(),
      }).team,
  ],
] as const;

describe.each(PATTERNS)('a participant of %s that is a workflow and asks', (name, build) => {
  it('is answered by the team’s caller, and its reply is heard', async () => {
    const clerk = speaker('clerk', 'Noted.', 'Noted again.');
    const team = build(clerk.agent);

    const waiting = await team.run('Buy tea.');
    const [request] = waiting.pendingRequests;
    const done = await team.resume({ responses: { [request?.id ?? '']: 7 } });

    expect(waiting.state).toBe('idle_with_pending_requests');
    expect(request).toMatchObject({ type: 'price', executorId: 'buyer', path: ['buyer', 'asker'] });
    const heard =
      name === 'a concurrency' || name === 'a Magentic team' ? done : clerk.client.requests;
    expect(JSON.stringify(heard)).toContain(name === 'a Magentic team' ? 'FINAL' : 'It costs 7.');
    expect(done.state).toBe('idle');
  });

  it('asks anew after a reset, and what it asked before is stale', async () => {
    const clerk = speaker('clerk', 'Noted.', 'Noted again.');
    const team = build(clerk.agent);
    const first = await team.run('Buy tea.');
    await team.resetForNewRun();

    const stale = team.resume({ responses: { [first.pendingRequests[0]?.id ?? '']: 7 } });

    await expect(stale).rejects.toMatchObject({ code: 'request/stale' });
  });
});

describe('a participant with a human gate that is a workflow and asks', () => {
  it('is gated once it has been answered', async () => {
    const chat = groupChat({
      participants: [buyer(), speaker('clerk', 'Noted.').agent],
      selectSpeaker: roundRobin(),
      maxRounds: 2,
      humanGate: { when: 'after', participants: ['buyer'] },
    });
    const asked = await chat.run('Buy tea.');
    const gated = await chat.resume({ responses: { [asked.pendingRequests[0]?.id ?? '']: 7 } });

    expect(asked.pendingRequests).toMatchObject([{ type: 'price' }]);
    expect(gated.pendingRequests).toMatchObject([{ type: 'human_gate' }]);
    expect(JSON.stringify(gated.pendingRequests)).toContain('It costs 7.');
  });
});

describe('an agent that works for the orchestration and asks a human', () => {
  const wipe = defineTool({
    name: 'wipe',
    description: 'Wipes.',
    input: z.object({}),
    needsApproval: true,
    execute: () => 'wiped',
  });
  const asking = (name: string): Agent =>
    new Agent({ name, client: scripted([toolCall('wipe', {})]), tools: [wipe] });
  const talkers = (): AgentLike[] => [
    speaker('a', 'A1', 'A2', 'A3').agent,
    speaker('b', 'B1', 'B2', 'B3').agent,
  ];

  it.each([
    ['manager', () => buildMagentic([], { manager: asking('boss') }).team],
    ['judge', () => concurrent({ participants: talkers(), aggregate: judge(asking('boss')) })],
    [
      'judge that is a workflow',
      () => concurrent({ participants: talkers(), aggregate: judge(buyer()) }),
    ],
    [
      'orchestrator',
      () => groupChat({ participants: talkers(), orchestrator: asking('boss'), maxRounds: 2 }),
    ],
    [
      'agent that sums up',
      () =>
        groupChat({
          participants: talkers(),
          selectSpeaker: roundRobin(),
          view: summary(asking('boss'), { keep: 0 }),
          maxRounds: 4,
        }),
    ],
  ])('fails the run as %s, and says who asked what', async (_role, build) => {
    expect(await codeOf(build().run('task'))).toBe('orchestration/asks-human');
  });
});
