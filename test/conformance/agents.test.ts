import {
  Agent,
  type AgentLike,
  type AgentResponse,
  AgentUpdate,
  defineTool,
  textOf,
  type Workflow,
  WorkflowBuilder,
  type WorkflowEvent,
} from '@colloquy/core';
import { chunks, scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { type AgentCall, recorded } from './group-chat-trace.ts';
import {
  type ComparableEvent,
  expectedRun,
  readSteps,
  type ReferenceStep,
} from './reference-trace.ts';

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
const receivedSchema = z.object({
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
interface ComparableAgents {
  readonly events: readonly ComparableEvent[];
  /** Who said what: whole answers, or pieces. */
  readonly said: readonly (readonly [author: string, text: string])[];
}

function withoutData({ data: _data, ...event }: ComparableEvent): ComparableEvent {
  return event;
}

function expectedAgents(step: ReferenceStep): ComparableAgents {
  const { events, outputs } = expectedRun(step);
  const said = outputs.flatMap((output) => {
    const whole = responseSchema.safeParse(output);
    const spoken = whole.success ? whole.data.messages : [spokenSchema.parse(output)];
    return spoken.map(({ author = '', text }) => [author, text] as const);
  });
  return { events: events.filter(({ type }) => type !== 'output').map(withoutData), said };
}

const requestDataSchema = z.object({ callId: z.string() });

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

async function observedAgents(
  run: ReturnType<Workflow<string>['stream']>,
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

function spokenIn(output: unknown): (readonly [string, string])[] {
  // Agents alone put something out here.
  const { messages } = output as AgentResponse;
  return messages.map((message) => [message.authorName ?? '', textOf(message)] as const);
}

const comparableCalls = (calls: readonly unknown[]): unknown =>
  calls.map((call) => {
    const { agent, received } = receivedSchema.parse(call);
    return { agent, received: received.map(({ text, author = '' }) => [author, text]) };
  });

/** The reference records status events of streamed runs only. */
const NOT_RECORDED = new Set(['started', 'status']);
const recordedOf = ({ events, said }: ComparableAgents, step: ReferenceStep): ComparableAgents =>
  step.mode === 'stream'
    ? { events, said }
    : { events: events.filter(({ type }) => !NOT_RECORDED.has(type)), said };

function chain(calls: AgentCall[], first: AgentLike, second: AgentLike): Workflow<string> {
  const [w, x] = [recorded(first, calls), recorded(second, calls)];
  return new WorkflowBuilder({ name: 'chain', start: w }).addEdge(w, x).build();
}

describe('the reference traces of agents', () => {
  it('a01-agent-chain matches: the second is given the whole conversation', async () => {
    const calls: AgentCall[] = [];
    const workflow = chain(
      calls,
      new Agent({ name: 'w', client: scripted(['W1', 'W2']) }),
      new Agent({ name: 'x', client: scripted(['X1', 'X2']) }),
    );
    const steps = readSteps('a01-agent-chain');

    for (const step of steps) {
      calls.length = 0;
      const observed = await observedAgents(workflow.stream(String(step.input)), false);

      expect(recordedOf(observed, step)).toEqual(expectedAgents(step));
      expect(comparableCalls(calls)).toEqual(comparableCalls(step.agent_calls));
    }
  });

  it('a02-agent-stream-updates matches: pieces are told as they come, the whole is sent on', async () => {
    const calls: AgentCall[] = [];
    const workflow = chain(
      calls,
      new Agent({ name: 'w', client: scripted([chunks('He', 'llo')]) }),
      new Agent({ name: 'x', client: scripted([chunks('Wor', 'ld', '!')]) }),
    );
    const sent: string[] = [];
    for (const step of readSteps('a02-agent-stream-updates')) {
      const run = workflow.stream(String(step.input));
      const observed = await observedAgents(run, true);

      expect(recordedOf(observed, step)).toEqual(expectedAgents(step));
      expect(comparableCalls(calls)).toEqual(comparableCalls(step.agent_calls));
      const { outputs } = await run.result;
      sent.push(...outputs.flatMap(spokenIn).map(([, text]) => text));
    }
    expect(sent).toEqual(['Hello', 'World!']);
  });

  it('a06-tool-approval matches: the agent goes on when all its questions are answered', async () => {
    const calls: AgentCall[] = [];
    const tool = defineTool({
      name: 'tool',
      description: 'Anything',
      input: z.object({ x: z.number() }),
      needsApproval: true,
      execute: () => 'ok',
    });
    const ask = [
      toolCall('tool', { x: 1 }, { callId: 'c-p' }),
      toolCall('tool', { x: 1 }, { callId: 'c-q' }),
    ];
    const build = (): Workflow<string> => {
      const client = scripted([ask, 'done']);
      const agent = recorded(new Agent({ name: 'a', client, tools: [tool] }), calls);
      return new WorkflowBuilder({ name: 'approval', start: agent }).build();
    };
    let workflow = build();
    const ids = new Map<string, string>();

    for (const step of readSteps('a06-tool-approval')) {
      calls.length = 0;
      if (step.responses === undefined) workflow = build();
      const run =
        step.responses === undefined
          ? workflow.stream(String(step.input))
          : workflow.streamResume({
              responses: Object.fromEntries(
                Object.keys(step.responses).map((id) => [
                  ids.get(id) ?? '',
                  { approve: id === 'p' },
                ]),
              ),
            });
      const observed = await observedAgents(run, false);
      const { pendingRequests } = await run.result;
      for (const { id, data } of pendingRequests)
        ids.set(requestDataSchema.parse(data).callId.replace('c-', ''), id);

      expect(recordedOf(observed, step).said).toEqual(expectedAgents(step).said);
      expect(comparableEvents(recordedOf(observed, step))).toEqual(
        comparableEvents(expectedAgents(step)),
      );
      expect(calls.map(({ received }) => received.length)).toEqual(
        step.agent_calls.map((call) => receivedSchema.parse(call).received.length),
      );
    }
  });
});

/** Differs from Python: a request that still waits keeps the final state; the state while running is not compared. */
function comparableEvents({ events }: ComparableAgents): readonly ComparableEvent[] {
  return events.filter(({ type }) => type !== 'status');
}
