import {
  type AgentResponse,
  AgentUpdate,
  textOf,
  type WorkflowEvent,
  type WorkflowRun,
} from '@colloquy/core';
import * as z from 'zod';

import { type ComparableEvent, expectedRun, type ReferenceStep } from './reference-trace.ts';

/**
 * Agents as executors. Compared are an event's type, executor, run state and superstep, what is put out, and what every
 * agent was given.
 *
 * Differs from Python:
 * - the pieces of an answer are `agent_update` events, and the whole answer is the one output;
 * - an agent's conversation goes on over runs of one instance, so what is sent on holds the earlier runs too;
 * - the engine names a request, and a call's id is in its data;
 * - while requests wait, the final state says so.
 */

const spokenSchema = z.object({ text: z.string(), author: z.string().exactOptional() });
const responseSchema = z.object({ messages: z.array(spokenSchema) });
export const receivedSchema = z.object({
  agent: z.string(),
  received: z.array(
    z.object({
      text: z.string(),
      author: z.string().exactOptional(),
      contents: z.array(z.unknown()).exactOptional(),
    }),
  ),
});

/** What one call came to, as both engines tell it. */
export interface ComparableAgents {
  readonly events: readonly ComparableEvent[];
  /** Who said what: whole answers, or pieces. */
  readonly said: readonly (readonly [author: string, text: string])[];
}

function withoutData({ data: _data, ...event }: ComparableEvent): ComparableEvent {
  return event;
}

/** What the reference did in a call. */
export function expectedAgents(step: ReferenceStep): ComparableAgents {
  const { events, outputs } = expectedRun(step);
  const said = outputs.flatMap((output) => {
    const whole = responseSchema.safeParse(output);
    const spoken = whole.success ? whole.data.messages : [spokenSchema.parse(output)];
    return spoken.map(({ author = '', text }) => [author, text] as const);
  });
  return { events: events.filter(({ type }) => type !== 'output').map(withoutData), said };
}

/** What an approval is asked with. */
export const requestDataSchema = z.object({ callId: z.string() });

function fromOurs(event: WorkflowEvent): ComparableEvent {
  if (event.type === 'request_info' && 'request' in event) {
    const { data, executorId } = event.request;
    const { callId } = requestDataSchema.parse(data);
    return { type: event.type, executorId, requestId: callId.replace('c-', '') };
  }
  const { type, executorId, superstep, state } = z
    .object({
      type: z.string(),
      executorId: z.string().optional(),
      superstep: z.number().optional(),
      state: z.string().optional(),
    })
    .parse(event);
  return {
    type,
    ...(executorId === undefined ? {} : { executorId }),
    ...(superstep === undefined ? {} : { superstep }),
    ...(state === undefined ? {} : { state }),
  };
}

/** What a run of ours came to; its answers whole, or in pieces. */
export async function observedAgents(
  run: WorkflowRun,
  isInPieces: boolean,
): Promise<ComparableAgents> {
  const events: ComparableEvent[] = [];
  const said: (readonly [string, string])[] = [];
  for await (const event of run) {
    if (AgentUpdate.is(event)) {
      if (isInPieces) said.push([event.update.agentName, event.update.text]);
    } else if (event.type === 'output' && 'data' in event) {
      if (!isInPieces) said.push(...spokenIn(event.data));
    } else events.push(fromOurs(event));
  }
  return { events, said: said.filter(([, text]) => text !== '') };
}

/** Who says what in an answer. */
export function spokenIn(output: unknown): (readonly [string, string])[] {
  // Agents alone put something out here.
  const { messages } = output as AgentResponse;
  return messages.map((message) => [message.authorName ?? '', textOf(message)] as const);
}

/** What agents were given, as both engines tell it. */
export const comparableCalls = (calls: readonly unknown[]): unknown =>
  calls.map((call) => {
    const { agent, received } = receivedSchema.parse(call);
    return { agent, received: received.map(({ text, author = '' }) => [author, text]) };
  });

/** The reference records status events of streamed runs only. */
const NOT_RECORDED = new Set(['started', 'status']);

/** Leaves out what the reference has not recorded of the call. */
export const recordedOf = (
  { events, said }: ComparableAgents,
  step: ReferenceStep,
): ComparableAgents =>
  step.mode === 'stream'
    ? { events, said }
    : { events: events.filter(({ type }) => !NOT_RECORDED.has(type)), said };
