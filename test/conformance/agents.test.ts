import { Agent, type AgentLike, defineTool, type Workflow, WorkflowBuilder } from '@colloquy/core';
import { chunks, scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import {
  comparableCalls,
  type ComparableAgents,
  expectedAgents,
  observedAgents,
  receivedSchema,
  recordedOf,
  requestDataSchema,
  spokenIn,
} from './agent-trace.ts';
import { type AgentCall, recorded } from './group-chat-trace.ts';
import { type ComparableEvent, readSteps } from './reference-trace.ts';

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
