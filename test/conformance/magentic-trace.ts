import { type AgentResponse, textOf, type WorkflowEvent, type WorkflowRun } from '@colloquy/core';
import {
  GroupChatEvent,
  MagenticEvent,
  type MagenticPrompts,
  type ProgressLedger,
} from '@colloquy/orchestrations';
import * as z from 'zod';

import { type AgentCall, agentCallSchema } from './group-chat-trace.ts';
import {
  type ComparableEvent,
  expectedRun,
  type PartialOrder,
  partialOrderOf,
  readSteps,
} from './reference-trace.ts';

/**
 * Magentic teams of the reference, and the rules by which ours are compared with them.
 *
 * Compared are an event's type, executor, run state and superstep; of plans the facts and the plan, of progress ledgers
 * every answer; who is asked for which round; what is put out; and what every agent was given, call by call. A prompt is
 * compared by what it asks for, since each side asks in its own words.
 *
 * Differs from Python:
 * - turns count from 0, as in a group chat;
 * - plans and instructions are in the manager's own name, where the reference calls it `magentic_manager`;
 * - the manager is asked without a session, for which the reference makes one each time;
 * - `stall`, `participant_selected` and `limit_reached` are told, and agents that answer piece by piece tell
 *   `agent_update`;
 * - participants are told the plan; the traces are compared with `shareLedger: false`.
 */

/** Ours in place of prompts, each one known by its first word. */
export const PROMPTS: MagenticPrompts = {
  facts: 'facts? {task}',
  plan: 'plan? {team}',
  taskLedger: 'ledger: {facts}, {plan} {task}',
  factsUpdate: 'facts again? {facts}',
  planUpdate: 'plan again? {team}',
  planRevision: 'plan as told? {plan} {feedback}',
  progress: 'progress? {names} {schema}',
  finalAnswer: 'answer? {task}',
};

/** How the reference's prompts begin, and what they ask for. */
const REFERENCE_PROMPTS: readonly (readonly [beginning: string, asksFor: string])[] = [
  ['Below I will present you a request', 'facts?'],
  ['Fantastic. To address this request', 'plan?'],
  ['As a reminder, we are working', 'facts again?'],
  ['Please briefly explain what went wrong', 'plan again?'],
  ['Recall we are working on', 'progress?'],
  ['We are working on the following task', 'answer?'],
];

const MANAGER = 'mgr';

/** One message of a call. */
export type Received = readonly [role: string, author: string, text: string];

/** What an agent was given at one of its calls; of the manager no session. */
export interface TeamCall {
  readonly agent: string;
  readonly session: string;
  readonly received: readonly Received[];
}

/** What one run of a team came to, as both engines tell it. */
export interface ComparableTeam extends PartialOrder {
  readonly states: readonly string[];
  readonly said: readonly (readonly [author: string, text: string])[];
  readonly calls: readonly TeamCall[];
}

/** What the reference did in every step of a trace, in order. */
export function expectedTeams(name: string): readonly ComparableTeam[] {
  return readSteps(name).map((step) => {
    const events = expectedRun(step).events.filter(isCompared).map(fromReference);
    const { engine, executors } = partialOrderOf(events);
    return {
      engine,
      executors,
      states: step.status_timeline.map((state) => state.toLowerCase()),
      said: (step.outputs ?? []).flatMap(saidIn),
      calls: comparableCalls(step.agent_calls.map((call) => agentCallSchema.parse(call))),
    };
  });
}

/** What a run of a team came to, whose agents are `recorded` with the same list of calls; it is emptied. */
export async function observedTeam(
  run: WorkflowRun<AgentResponse>,
  calls: AgentCall[],
): Promise<ComparableTeam> {
  const events: ComparableEvent[] = [];
  const states: string[] = [];
  for await (const event of run) {
    if (event.type === 'status' && 'state' in event) states.push(event.state);
    if (isCompared(event)) events.push(fromOurs(event));
  }
  const { outputs } = await run.result;
  const said = outputs.flatMap(({ messages }) =>
    messages.map((message) => [message.authorName ?? '', textOf(message)] as const),
  );
  return { ...partialOrderOf(events), states, said, calls: comparableCalls(calls.splice(0)) };
}

const item = z.object({ answer: z.unknown() });
const payloadSchema = z.object({
  event_type: z.string(),
  content: z.union([
    z.object({ text: z.string() }),
    z.object({
      is_request_satisfied: item,
      is_in_loop: item,
      is_progress_being_made: item,
      next_speaker: item,
      instruction_or_question: item,
    }),
  ]),
});
const turnSchema = z.object({
  $: z.string(),
  round_index: z.number(),
  participant_name: z.string(),
});

function fromReference(event: ComparableEvent): ComparableEvent {
  const { data, ...rest } = event;
  switch (event.type) {
    case 'group_chat': {
      const { $: name, round_index: index, participant_name: participant } = turnSchema.parse(data);
      const kind = name === 'GroupChatRequestSentEvent' ? 'request_sent' : 'response_received';
      return { type: event.type, data: { kind, round: index - 1, participant } };
    }
    case 'magentic_orchestrator': {
      const { event_type: kind, content } = payloadSchema.parse(data);
      const told = 'text' in content ? textFromReference(content.text) : answersOf(content);
      return { type: event.type, data: { kind, told } };
    }
    case 'request_info':
      return { type: event.type };
    default:
      return rest;
  }
}

function fromOurs(event: WorkflowEvent): ComparableEvent {
  if (GroupChatEvent.is(event)) {
    const { type, kind, round, participant } = event;
    return { type, data: { kind, round, participant } };
  }
  if (MagenticEvent.is(event)) {
    const { type, kind } = event;
    if ('progress' in event) return { type, data: { kind, told: ourAnswersOf(event.progress) } };
    const ledger = 'ledger' in event ? event.ledger : { facts: '', plan: '' };
    return { type, data: { kind, told: `ledger: ${ledger.facts}, ${ledger.plan}` } };
  }
  if (event.type === 'request_info') return { type: event.type };
  return z
    .object({
      type: z.string(),
      executorId: z.string().exactOptional(),
      superstep: z.number().exactOptional(),
    })
    .parse(event);
}

function answersOf(ledger: Readonly<Record<string, { answer: unknown }>>): readonly unknown[] {
  return [
    ledger['is_request_satisfied'],
    ledger['is_in_loop'],
    ledger['is_progress_being_made'],
    ledger['next_speaker'],
    ledger['instruction_or_question'],
  ].map((each) => each?.answer);
}

function ourAnswersOf(ledger: ProgressLedger): readonly unknown[] {
  const { isRequestSatisfied, isInLoop, isProgressBeingMade } = ledger;
  const { nextSpeaker, instructionOrQuestion } = ledger;
  return [
    isRequestSatisfied,
    isInLoop,
    isProgressBeingMade,
    nextSpeaker,
    instructionOrQuestion,
  ].map(({ answer }) => answer);
}

/** The reference tells facts and plan within a text of its own. */
function textFromReference(text: string): string {
  const said = text.trim();
  const [, facts = '', plan = ''] =
    /fact sheet to consider:\s+(\S+)\s.*as best as possible:\s+(\S+)/s.exec(said) ?? [];
  if (facts !== '') return `ledger: ${facts}, ${plan}`;
  return REFERENCE_PROMPTS.find(([beginning]) => said.startsWith(beginning))?.[1] ?? text;
}

/** A prompt of ours without what fills it; the reference's text otherwise. */
function comparableText(text: string): string {
  const [asked] = /^(?:\w+ ?){1,3}\?|^ledger: \w+, \w+/.exec(text) ?? [textFromReference(text)];
  return asked;
}

function comparableCalls(calls: readonly AgentCall[]): TeamCall[] {
  const sessions = calls.flatMap(({ agent, session }) => (agent === MANAGER ? [] : session));
  const labels = [...new Set(sessions)];
  return calls.map(({ agent, session, received }) => ({
    agent,
    session: agent === MANAGER ? '' : `S${labels.indexOf(session) + 1}`,
    received: received.map(({ role, author = '', text }) => {
      const name = author === 'magentic_manager' ? MANAGER : author;
      return [role, name, comparableText(text)] as const;
    }),
  }));
}

const messageSchema = z.object({ text: z.string(), author: z.string() });
const wholeSchema = z.object({ messages: z.array(messageSchema) });

function saidIn(output: unknown): (readonly [author: string, text: string])[] {
  const whole = wholeSchema.safeParse(output);
  const messages = whole.success ? whole.data.messages : [messageSchema.parse(output)];
  return messages.map(({ author, text }) => [author, text] as const);
}

const NOT_COMPARED = new Set(['started', 'status', 'output', 'agent_update']);
const TOLD_BY_BOTH = new Set(['plan_created', 'replanned', 'progress_ledger_updated']);

function isCompared(event: { readonly type: string }): boolean {
  if (MagenticEvent.is(event)) return TOLD_BY_BOTH.has(event.kind);
  return !NOT_COMPARED.has(event.type);
}
