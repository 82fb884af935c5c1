import { type Agent, type AgentResponse, type AgentSession, type Message } from '@colloquy/core';
import { describe, expectTypeOf, it } from 'vitest';

import { BaseGroupChatOrchestrator } from './base-orchestrator.ts';
import { type GroupChatRequest } from './group-chat-messages.ts';
import { type GroupChatView } from './group-chat-view.ts';
import { type GroupChat, groupChat, type GroupChatOptions } from './group-chat.ts';
import { roundRobin } from './selectors.ts';

declare const writer: Agent;
declare const session: AgentSession;
declare const chat: GroupChat;
const participants = [writer];

class Debate extends BaseGroupChatOrchestrator {
  protected override async nextSpeaker(view: GroupChatView) {
    return view.round === 0 ? 'writer' : null;
  }
  protected override _resetPatternState() {}
}

describe('groupChat', () => {
  it('takes a text, a message or several', () => {
    expectTypeOf<GroupChat['run']>()
      .parameter(0)
      .toEqualTypeOf<string | Message | readonly Message[]>();
  });

  it('puts out agent responses', () => {
    expectTypeOf(chat.run('x'))
      .resolves.toHaveProperty('outputs')
      .toEqualTypeOf<readonly AgentResponse[]>();
  });

  it('narrows its events by type', async () => {
    for await (const event of chat.stream('x')) {
      if (event.type === 'group_chat') {
        expectTypeOf(event.kind).toEqualTypeOf<'request_sent' | 'response_received'>();
        expectTypeOf(event.round).toEqualTypeOf<number>();
      }
      if (event.type === 'agent_update') expectTypeOf(event.update.text).toEqualTypeOf<string>();
    }
  });

  it('shows selectors what they cannot change', () => {
    expectTypeOf<GroupChatView['conversation']>().toEqualTypeOf<readonly Message[]>();
    expectTypeOf<GroupChatView['participants'][number]>().toEqualTypeOf<{
      readonly name: string;
      readonly description: string;
    }>();
  });

  it('asks executors with messages and the whole conversation', () => {
    expectTypeOf<GroupChatRequest>().toHaveProperty('type').toEqualTypeOf<'group_chat_request'>();
    expectTypeOf<GroupChatRequest>()
      .toHaveProperty('conversation')
      .toEqualTypeOf<readonly Message[]>();
  });
});

describe('the options of groupChat', () => {
  it('take every way to lead', () => {
    expectTypeOf(groupChat)
      .toBeCallableWith({ participants, selectSpeaker: roundRobin() })
      .toBeCallableWith({ participants, selectSpeaker: ({ round }) => (round > 0 ? null : 'a') })
      .toBeCallableWith({ participants, selectSpeaker: async () => undefined })
      .toBeCallableWith({ participants, orchestrator: writer })
      .toBeCallableWith({ participants, orchestrator: { agent: writer, session, retries: 3 } })
      .toBeCallableWith({ participants, orchestrator: new Debate({ maxRounds: 10 }) })
      .toBeCallableWith({ participants, orchestrator: () => new Debate({ maxRounds: 10 }) });
  });

  it('refuse two ways to lead, none, and what cannot lead', () => {
    type Common = { readonly participants: readonly Agent[] };
    type Selector = { readonly selectSpeaker: () => string };

    expectTypeOf<Common>().not.toExtend<GroupChatOptions>();
    expectTypeOf<Common & Selector>().toExtend<GroupChatOptions>();
    expectTypeOf<Common & Selector & { orchestrator: Agent }>().not.toExtend<GroupChatOptions>();
    expectTypeOf<Common & { selectSpeaker: string }>().not.toExtend<GroupChatOptions>();
    expectTypeOf<Common & { orchestrator: () => Agent }>().not.toExtend<GroupChatOptions>();
  });

  it('refuse names instead of participants, and the orchestrator among the intermediate', () => {
    type Selector = { readonly selectSpeaker: () => string };
    type Chat = Selector & { readonly participants: readonly Agent[] };

    expectTypeOf<Selector & { participants: string[] }>().not.toExtend<GroupChatOptions>();
    expectTypeOf<Chat & { outputFrom: string[] }>().not.toExtend<GroupChatOptions>();
    expectTypeOf<Chat & { intermediateFrom: 'all' }>().not.toExtend<GroupChatOptions>();
    expectTypeOf<Chat & { intermediateFrom: 'all_other' }>().toExtend<GroupChatOptions>();
  });
});
