import {
  Agent,
  agentExecutor,
  AgentSession,
  defineExecutor,
  type FunctionTool,
  type Logger,
  MemoryCheckpointStore,
  type Message,
  type PendingRequest,
  textMessage,
  textOf,
} from '@colloquy/core';
import { type RecordedRequest, type ScriptEntry, scripted, toolCall } from '@colloquy/testing';
import * as z from 'zod';

import { GroupChatReply, GroupChatRequest } from '../src/group-chat/group-chat-messages.ts';
import { sequential } from '../src/sequential/sequential.ts';
import { type ParticipantSource } from '../src/shared/participants.ts';
import { look, pay } from './handoff-world.ts';
import { countCall, type Fault } from './left-conversations.ts';

/** What can take part: an agent, one in a session of the caller's, an executor, a workflow as an agent. */
export const MEMBER_KINDS = ['agent', 'supplied', 'executor', 'panel'] as const;
export type MemberKind = (typeof MEMBER_KINDS)[number];

/** The session of the caller's; each agent has its own. */
export const suppliedSessionOf = (name: string): string => `caller's session of ${name}`;

/**
 * What teams of one case are made of: models that answer from what they read, so that anything carried over shows in what
 * follows, and everything that can be made to fail.
 *
 * Where sessions are the caller's, models look only at what was said last, so that they answer the same whatever the
 * sessions remember.
 */
export class ResetWorld {
  readonly fault: Fault = { calls: 0, failAt: undefined };
  readonly store: MemoryCheckpointStore = new MemoryCheckpointStore();
  readonly warnings: string[] = [];
  readonly logger: Logger = {
    warn: (message) => this.warnings.push(message),
    debug: () => {},
  };
  readonly #seed: number;
  readonly #isForgetful: boolean;

  constructor(seed: number, isForgetful: boolean) {
    this.#seed = seed;
    this.#isForgetful = isForgetful;
  }

  /** A number that depends on what was read. */
  pick(name: string, messages: readonly Message[]): number {
    const read = this.#isForgetful
      ? textOf(messages.at(-1) ?? { contents: [] })
      : messages.map((message) => `${message.role} ${textOf(message)}`).join('\n');
    return hash(`${this.#seed} ${name} ${this.#isForgetful ? '' : messages.length} ${read}`);
  }

  /** An agent whose model answers by a function. */
  agent(
    name: string,
    reply: (request: RecordedRequest, pick: number) => ScriptEntry,
    tools: readonly FunctionTool[] = [],
  ): Agent {
    const entry = (request: RecordedRequest): ScriptEntry => {
      countCall(this.fault);
      return reply(request, this.pick(name, request.messages));
    };
    const client = scripted(Array.from({ length: 300 }, () => entry));
    return new Agent({ name, description: `Is ${name}`, client, tools });
  }

  /** An agent that talks, uses a tool, or asks whether it may use another. */
  talker(name: string): Agent {
    // In a session of the caller's the ids of calls depend on what the session remembers.
    if (this.#isForgetful) return this.agent(name, (_, pick) => `${name} says ${pick % 10}`);
    const tools = [look, pay];
    return this.agent(name, (request, pick) => talk(name, request, pick), tools);
  }

  /** A session of the caller's. */
  session(name: string): AgentSession {
    return new AgentSession({ id: suppliedSessionOf(name) });
  }

  /** An agent that talks, uses tools and hands over. */
  hander(name: string, names: readonly string[]): Agent {
    const [next = '', last = ''] = names.filter((other) => other !== name);
    const tools = [look, pay];
    const reply = (request: RecordedRequest, pick: number): ScriptEntry => {
      const target = pick % 2 === 0 ? next : last;
      const callId = `${name}-${request.messages.length}`;
      if (target === '' || pick % 3 === 0) return talk(name, request, pick);
      return toolCall(`handoff_to_${target}`, {}, { callId });
    };
    return this.agent(name, reply, tools);
  }

  /** One who takes part. */
  member(name: string, kind: MemberKind): ParticipantSource {
    switch (kind) {
      case 'agent':
        return this.talker(name);
      case 'supplied':
        return agentExecutor(this.talker(name), { session: this.session(name) });
      case 'executor':
        return this.#counter(name);
      case 'panel': {
        const participants = [this.talker(`${name}1`), this.talker(`${name}2`)];
        // What its gate asks reaches the team's caller.
        const humanGate = this.#seed % 2 === 0 ? undefined : ({ when: 'before' } as const);
        return sequential({ participants, humanGate, logger: this.logger }).asAgent({ name });
      }
    }
  }

  /** An executor that counts its turns. */
  #counter(name: string): ParticipantSource {
    return defineExecutor(name, { state: () => ({ turns: 0 }) }).on(
      GroupChatRequest,
      ({ messages }, context) => {
        countCall(this.fault);
        context.state.turns += 1;
        const text = `${name} turn ${context.state.turns} after ${messages.length}`;
        return GroupChatReply({ messages: [textMessage('assistant', text)] });
      },
    );
  }
}

function talk(name: string, { messages }: RecordedRequest, pick: number): ScriptEntry {
  const text = `${name} says ${pick % 10}`;
  // Whoever looks only at the last message would use the tool again and again.
  if (messages.at(-1)?.role === 'tool') return text;
  const call = (tool: string) => toolCall(tool, {}, { callId: `${name}-${messages.length}` });
  const replies: readonly ScriptEntry[] = [text, text, call('look'), [text, call('pay')], text];
  return replies[pick % replies.length] ?? text;
}

const GATE_ANSWERS = [
  { action: 'approve' },
  { action: 'feedback', text: 'shorter' },
  { action: 'replace', text: 'mine' },
];

/** Answers whatever is asked; what, depends on the turn. */
export function answerAnything({ type, data }: PendingRequest, turn: number): unknown {
  switch (type) {
    case 'tool_approval':
      return { approve: turn % 2 === 0 };
    case 'plan_review': {
      const { version } = z.object({ version: z.number() }).parse(data);
      if (version === 1 && turn === 0) return { action: 'revise', feedback: 'shorter' };
      return version === 3
        ? { action: 'replace', plan: 'mine' }
        : { action: 'approve', note: 'ok' };
    }
    case 'stall_review':
      return turn % 2 === 0 ? { action: 'replan' } : { action: 'guide', text: 'look again' };
    case 'human_gate':
      return GATE_ANSWERS[turn % GATE_ANSWERS.length];
    case 'user_turn':
      return turn >= 3 ? { end: true } : { text: `turn ${turn}` };
    default:
      throw new Error(`Expected a kind of request that is known, got "${type}".`);
  }
}

function hash(text: string): number {
  let value = 2_166_136_261;
  for (const character of text)
    value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 16_777_619);
  return value >>> 0;
}
