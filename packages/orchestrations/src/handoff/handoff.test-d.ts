import { type Agent, type AgentLike, type AgentResponse, type AgentSession } from '@colloquy/core';
import { expectTypeOf, test } from 'vitest';

import { type ConversationInput } from '../shared/conversation-input.ts';
import { type HandoffEvent, UserTurn, type UserTurnAnswer } from './handoff-messages.ts';
import { type Handoff, handoff } from './handoff.ts';

declare const agent: Agent;
declare const session: AgentSession;
declare const foreign: AgentLike;

test('a handoff takes what every orchestration takes, and puts out replies', async () => {
  const team = handoff({ participants: [agent, { agent, session }], start: agent });

  expectTypeOf(team).toEqualTypeOf<Handoff>();
  expectTypeOf<Parameters<Handoff['run']>[0]>().toEqualTypeOf<ConversationInput>();
  expectTypeOf((await team.run('Hi')).outputs).toEqualTypeOf<readonly AgentResponse[]>();
});

test('its events and requests are typed', () => {
  expectTypeOf<HandoffEvent['source']>().toEqualTypeOf<string>();
  expectTypeOf(UserTurn.response['~standard'].types?.output).toEqualTypeOf<
    UserTurnAnswer | undefined
  >();
});

test('only an Agent can be lent tools', () => {
  // @ts-expect-error -- an agent of another kind
  handoff({ participants: [foreign], start: 'foreign' });
  // @ts-expect-error -- nobody begins
  handoff({ participants: [agent] });
  // @ts-expect-error -- how many turns must be said
  handoff({ participants: [agent], start: agent, autonomous: {} });
});
