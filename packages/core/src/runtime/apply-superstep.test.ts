import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { defineExecutor } from '../graph/executor-definition.ts';
import { type WorkflowGraph } from '../graph/workflow-graph.ts';
import { type SharedWrite } from '../state/shared-state.ts';
import { WorkflowBuilder } from '../workflow/workflow-builder.ts';
import { applySuperstep, type SuperstepBoundary } from './apply-superstep.ts';
import { type ExecutorResult } from './executor-call.ts';

const IDS = ['a', 'b', 'c', 'd'];

function createGraph(): WorkflowGraph {
  const [a, b, c, d] = IDS.map((id) => defineExecutor(id, (message: unknown) => message));
  if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error();
  const sum = { initial: () => 0, reduce: (left: number, right: number) => left + right };
  return new WorkflowBuilder({ name: 'four', start: a, shared: { sum } })
    .addFanOut(a, [b, c, d])
    .build().graph;
}

const graph = createGraph();

const boundary: SuperstepBoundary = {
  superstep: 4,
  step: 9,
  pending: new Map(),
  answered: new Set(),
  queue: [{ sourceId: 'a', message: 'delivered' }],
  edgeBuffers: new Map(),
  shared: new Map<string, unknown>([
    ['sum', 1],
    ['kept', true],
  ]),
};

const plan = {
  batches: [],
  edgeBuffers: new Map([['group', new Map([['a', ['held']]])]]),
  dropped: [],
};

function resultOf(executorId: string, parts: Partial<ExecutorResult> = {}): ExecutorResult {
  return {
    executorId,
    messages: [],
    yields: [],
    sharedWrites: [],
    requests: [],
    usage: undefined,
    stopReason: undefined,
    failure: undefined,
    ...parts,
  };
}

const usageOf = (tokens: number) => ({ inputTokens: tokens, outputTokens: 0, totalTokens: tokens });

const writes: fc.Arbitrary<SharedWrite> = fc.record({
  kind: fc.constant('set' as const),
  key: fc.constantFrom('sum', 'kept', 'own'),
  value: fc.nat(),
});

/** The results of some executors, each once, in any order. */
const resultLists: fc.Arbitrary<ExecutorResult[]> = fc
  .tuple(
    ...IDS.map((executorId) =>
      fc
        .record({
          messages: fc.array(fc.record({ sourceId: fc.constant(executorId), message: fc.nat() })),
          yields: fc.array(fc.record({ executorId: fc.constant(executorId), data: fc.nat() })),
          sharedWrites: fc.array(writes),
          usage: fc.option(fc.nat().map(usageOf), { nil: undefined }),
          stopReason: fc.option(
            fc.string().map((code) => ({ code })),
            { nil: undefined },
          ),
        })
        .map((parts) => resultOf(executorId, parts)),
    ),
  )
  .chain((results) => fc.shuffledSubarray(results));

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    const refuse = (): never => {
      throw new Error('A map that was passed in was changed.');
    };
    Object.assign(value, { set: refuse, delete: refuse, clear: refuse });
    for (const item of value.values()) deepFreeze(item);
  }
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}

describe('applySuperstep', () => {
  it('joins results in declared order', () => {
    const outcome = applySuperstep(graph, boundary, plan, [
      resultOf('c', {
        messages: [{ sourceId: 'c', message: 3 }],
        yields: [{ executorId: 'c', data: 'third' }],
        sharedWrites: [{ kind: 'set', key: 'own', value: 'c' }],
        stopReason: { code: 'late' },
      }),
      resultOf('b', {
        messages: [{ sourceId: 'b', message: 2 }],
        yields: [{ executorId: 'b', data: 'second' }],
        sharedWrites: [
          { kind: 'set', key: 'own', value: 'b' },
          { kind: 'set', key: 'sum', value: 5 },
        ],
        usage: usageOf(2),
        stopReason: { code: 'early' },
      }),
    ]);

    expect(outcome).toEqual({
      boundary: {
        superstep: 5,
        step: 10,
        pending: new Map(),
        answered: new Set(),
        queue: [
          { sourceId: 'b', message: 2 },
          { sourceId: 'c', message: 3 },
        ],
        edgeBuffers: plan.edgeBuffers,
        shared: new Map<string, unknown>([
          ['sum', 6],
          ['kept', true],
          ['own', 'c'],
        ]),
      },
      yields: [
        { executorId: 'b', data: 'second' },
        { executorId: 'c', data: 'third' },
      ],
      usage: usageOf(2),
      stopReason: { code: 'late' },
      conflicts: ['own'],
    });
  });

  it('gives the same outcome in whatever order the executors ended', () => {
    fc.assert(
      fc.property(resultLists, fc.array(fc.nat()), (results, keys) => {
        const shuffled = results
          .map((result, index) => ({ result, key: keys[index] ?? 0 }))
          .toSorted((left, right) => left.key - right.key)
          .map(({ result }) => result);

        const outcomes = [results, shuffled].map((each) =>
          applySuperstep(graph, boundary, plan, each),
        );

        expect(outcomes[1]).toEqual(outcomes[0]);
      }),
    );
  });

  it('changes nothing that is passed in', () => {
    const frozen = deepFreeze(structuredClone({ boundary, plan }));

    fc.assert(
      fc.property(resultLists.map(deepFreeze), (results) => {
        expect(() => applySuperstep(graph, frozen.boundary, frozen.plan, results)).not.toThrow();
      }),
    );
  });
});
