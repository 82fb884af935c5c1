import { readFileSync } from 'node:fs';

import {
  type AgentLike,
  type AgentResponse,
  type AgentRunOptions,
  type AgentStream,
  type Message,
  type MessageInput,
  textOf,
  toMessages,
  type WorkflowEvent,
  type WorkflowRun,
} from '@colloquy/core';
import { GroupChatEvent } from '@colloquy/orchestrations';
import * as z from 'zod';

import {
  type ComparableEvent,
  expectedRun,
  type PartialOrder,
  partialOrderOf,
  readSteps,
} from './reference-trace.ts';

/**
 * Group chats of the reference, and the rules by which ours are compared with them.
 *
 * Compared are an event's type, executor, run state, superstep and, of a `group_chat` event, its kind, participant and
 * round; further what every agent was given, call by call.
 *
 * Differs from Python:
 * - one `round` number for a turn's request and its reply; the reference counts on in between;
 * - the replies are the outputs and there is no closing sentence, so `output` is compared by the tests, not here;
 * - the reply that ends a chat is still delivered, so a chat may end in one more superstep: the tests say which;
 * - agents that answer piece by piece tell `agent_update`.
 */

const messageSchema = z.object({
  role: z.string(),
  text: z.string(),
  author: z.string().optional(),
});

export const agentCallSchema = z.object({
  agent: z.string(),
  session: z.string(),
  received: z.array(messageSchema),
});

const chatTraceSchema = z.object({
  steps: z.array(
    z.object({
      step: z.string(),
      status_timeline: z.array(z.string()),
      agent_calls: z.array(agentCallSchema).default([]),
    }),
  ),
});

/** What an agent was given at one of its calls; the session by its place among those of the step. */
export type AgentCall = z.infer<typeof agentCallSchema>;

/** What one run of a group chat came to, as both engines tell it. */
export interface ComparableChat extends PartialOrder {
  readonly states: readonly string[];
  readonly calls: readonly AgentCall[];
}

/** Stands for what the orchestrator agent is told to do, which each side says in its own words. */
const INSTRUCTION = 'next_speaker';

/** What the reference did in one step of a trace. */
export interface ExpectedChat {
  readonly step: string;
  readonly chat: ComparableChat;
}

/** What the reference did in every step of a trace, in order. */
export function expectedChats(name: string): readonly ExpectedChat[] {
  const file = new URL(`traces/${name}.json`, import.meta.url);
  const { steps } = chatTraceSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const runs = readSteps(name).map((step) => expectedRun(step));
  return steps.map(({ step, status_timeline: states, agent_calls: calls }, index) => {
    const events = runs[index]?.events.filter(isCompared).map(fromReference) ?? [];
    const { engine, executors } = partialOrderOf(events);
    const lowerCase = states.map((state) => state.toLowerCase());
    return { step, chat: { engine, executors, states: lowerCase, calls: relabelled(calls) } };
  });
}

/** What a run of a chat came to, whose agents are `recorded` with the same list of calls. */
export async function observedChat(
  run: WorkflowRun,
  calls: readonly AgentCall[],
): Promise<ComparableChat> {
  const events: ComparableEvent[] = [];
  const states: string[] = [];
  for await (const event of run) {
    if (event.type === 'status' && 'state' in event) states.push(event.state);
    if (isCompared(event)) events.push(fromOurs(event));
  }
  return { ...partialOrderOf(events), states, calls: relabelled(calls) };
}

const receivedEventSchema = z.object({
  $: z.enum(['GroupChatRequestSentEvent', 'GroupChatResponseReceivedEvent']),
  round_index: z.number(),
  participant_name: z.string(),
});

/** The reference has counted on by the time that a reply comes. */
function fromReference(event: ComparableEvent): ComparableEvent {
  if (event.type !== 'group_chat') {
    const { data: _, ...rest } = event;
    return rest;
  }
  const {
    $: name,
    round_index: index,
    participant_name: participant,
  } = receivedEventSchema.parse(event.data);
  if (name === 'GroupChatRequestSentEvent') {
    return { type: event.type, data: { kind: 'request_sent', round: index, participant } };
  }
  return { type: event.type, data: { kind: 'response_received', round: index - 1, participant } };
}

const ourEventSchema = z.object({
  type: z.string(),
  executorId: z.string().exactOptional(),
  superstep: z.number().exactOptional(),
});

function fromOurs(event: WorkflowEvent): ComparableEvent {
  if (!GroupChatEvent.is(event)) return ourEventSchema.parse(event);
  const { type, kind, round, participant } = event;
  return { type, data: { kind, round, participant } };
}

/** An agent that notes what it is given before it passes it on; sessions are told apart by their ids. */
export function recorded(agent: AgentLike, calls: AgentCall[]): AgentLike {
  const note = (input: MessageInput, options: AgentRunOptions = {}): void => {
    const received = toMessages(input).map(describeMessage);
    calls.push({ agent: agent.name, session: options.session?.id ?? 'none', received });
  };
  return {
    id: agent.id,
    name: agent.name,
    description: agent.description,
    run: (input, options): Promise<AgentResponse> => {
      note(input, options);
      return agent.run(input, options);
    },
    stream: (input, options): AgentStream => {
      note(input, options);
      return agent.stream(input, options);
    },
    createSession: () => agent.createSession(),
  };
}

function describeMessage(message: Message): AgentCall['received'][number] {
  const { role, authorName } = message;
  const text = textOf(message);
  return { role, text, ...(authorName === undefined ? {} : { author: authorName }) };
}

const NOT_COMPARED = new Set(['started', 'status', 'output', 'agent_update', 'checkpoint_created']);

function isCompared({ type }: { readonly type: string }): boolean {
  return !NOT_COMPARED.has(type);
}

/** Sessions become S1, S2 … in the order in which they are used, an instruction its one shared word. */
function relabelled(calls: readonly AgentCall[]): AgentCall[] {
  const sessions = [...new Set(calls.map(({ session }) => session))];
  return calls.map(({ agent, session, received }) => ({
    agent,
    session: `S${sessions.indexOf(session) + 1}`,
    received: received.map((message) =>
      message.text.includes(INSTRUCTION) ? { ...message, text: INSTRUCTION } : message,
    ),
  }));
}
