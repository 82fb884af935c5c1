import { readFileSync } from 'node:fs';

import { type AgentResponse, type PendingRequest, textOf, type WorkflowRun } from '@colloquy/core';
import { HandoffEvent } from '@colloquy/orchestrations';
import { type RecordedRequest } from '@colloquy/testing';
import * as z from 'zod';

/**
 * Handoffs of the reference, and the rules by which ours are compared with them.
 *
 * Compared are who hands over to whom, who says what to the user, whom the user is asked by, the run's states, and what
 * every model was sent, tools included, call by call.
 *
 * Differs from Python:
 * - an orchestrator keeps the transcript and asks one agent after another, where agents tell each other; so executors and
 *   supersteps are not compared, and the orchestrator is who asks the user;
 * - agents hear of the conversation with their turn, so none takes note while another speaks;
 * - a reply that only hands over says nothing to the user and is no output;
 * - autonomous turns are turns of their own, not calls within one;
 * - an agent's own words keep its name where they were streamed.
 */

const messageSchema = z.object({
  role: z.string(),
  text: z.string(),
  author: z.string().optional(),
});

const callSchema = z.object({
  agent: z.string(),
  received: z.array(messageSchema),
  tools: z.array(z.string()),
});

const responseSchema = z.object({ messages: z.array(messageSchema) });

const stepSchema = z.object({
  step: z.string(),
  mode: z.string(),
  input: z.string().optional(),
  /** The messages of a user's answer, by request. */
  responses: z.record(z.string(), z.array(messageSchema)).optional(),
  events: z.array(
    z.object({
      type: z.string(),
      source_executor_id: z.string().optional(),
      data: z.unknown().optional(),
    }),
  ),
  outputs: z.array(z.unknown()),
  status_timeline: z.array(z.string()),
  agent_calls: z.array(callSchema),
});

const handoffSchema = z.object({ source: z.string(), target: z.string() });

/** One call of the recorded program. */
export type HandoffStep = z.infer<typeof stepSchema>;

/** What one run came to, as both tell it. */
export interface ComparableHandoff {
  readonly handoffs: readonly (readonly [source: string, target: string])[];
  readonly said: readonly (readonly [author: string, text: string])[];
  /** Who waits for the user. */
  readonly asking: readonly string[];
  readonly states: readonly string[];
  readonly calls: readonly z.infer<typeof callSchema>[];
}

/** Reads the recorded calls of a program, in order. */
export function readHandoffSteps(name: string): readonly HandoffStep[] {
  const file = new URL(`traces/${name}.json`, import.meta.url);
  const { steps } = z
    .object({ steps: z.array(stepSchema) })
    .parse(JSON.parse(readFileSync(file, 'utf8')));
  return steps;
}

/** What the reference did in a call. */
export function expectedHandoff(step: HandoffStep): ComparableHandoff {
  const sent = step.events.filter(({ type }) => type === 'handoff_sent');
  const asked = step.events.filter(({ type }) => type === 'request_info');
  const spoken = step.outputs.flatMap((output) => {
    const whole = responseSchema.safeParse(output);
    return whole.success ? whole.data.messages : [messageSchema.parse(output)];
  });
  return {
    handoffs: sent.map(({ data }) => {
      const { source, target } = handoffSchema.parse(data);
      return [source, target] as const;
    }),
    said: spoken
      .filter(({ text }) => text !== '')
      .map(({ author = '', text }) => [author, text] as const),
    asking: asked.map(({ source_executor_id: asker = '' }) => asker),
    states: step.status_timeline.map((state) => state.toLowerCase()),
    calls: step.agent_calls.map(withOwnAuthor),
  };
}

/** What a model is sent of its own words has its name, also where they were streamed. */
function withOwnAuthor(call: ComparableHandoff['calls'][number]): typeof call {
  const received = call.received.map((message) =>
    message.role === 'assistant' ? { author: call.agent, ...message } : message,
  );
  return { ...call, received };
}

/** A request to a model, and whose it was. */
export interface ModelCall {
  readonly agent: string;
  readonly request: RecordedRequest;
}

/** What a run of ours came to; `calls` is asked, when it has ended, for those that it made. */
export async function observedHandoff(
  run: WorkflowRun<AgentResponse>,
  calls: () => readonly ModelCall[],
): Promise<ComparableHandoff> {
  const states: string[] = [];
  const handoffs: (readonly [string, string])[] = [];
  for await (const event of run) {
    if (event.type === 'status' && 'state' in event) states.push(event.state);
    if (HandoffEvent.is(event)) handoffs.push([event.source, event.target]);
  }
  const { outputs, pendingRequests } = await run.result;
  return {
    handoffs,
    said: outputs.map(({ agentName, text }) => [agentName, text] as const),
    asking: pendingRequests.map(askerOf),
    states,
    calls: calls().map(comparableCall),
  };
}

function askerOf({ data }: PendingRequest): string {
  return z.object({ participant: z.string() }).parse(data).participant;
}

/** What carries no text, as calls and their results, the reference did not record. */
function comparableCall({ agent, request }: ModelCall): ComparableHandoff['calls'][number] {
  const received = request.messages
    .map((message) => ({
      role: message.role,
      text: textOf(message),
      ...(message.authorName === undefined ? {} : { author: message.authorName }),
    }))
    .filter(({ text }) => text !== '');
  return { agent, received, tools: request.tools.map(({ name }) => name) };
}
