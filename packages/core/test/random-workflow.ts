import * as fc from 'fast-check';

import { Executor } from '../src/graph/executor.ts';
import { defineExecutor } from '../src/graph/executor-definition.ts';
import { on } from '../src/graph/handler.ts';
import { type WorkflowContext } from '../src/graph/workflow-context.ts';
import { type ExecutorSource } from '../src/workflow/executor-source.ts';
import { type Workflow } from '../src/workflow/workflow.ts';
import { WorkflowBuilder } from '../src/workflow/workflow-builder.ts';
import * as z from 'zod';

/** How a node of a random workflow is reached from the layer before it. */
interface NodeSpec {
  /** Places in the layer before, each once. */
  readonly sources: readonly number[];
  readonly joins: boolean;
  /** Only messages that leave this rest when divided by three come along; none for all. */
  readonly rest: number | undefined;
  readonly isAsyncCondition: boolean;
}

/** Layers of executors; each is reached from the one before. */
export type WorkflowSpec = readonly (readonly NodeSpec[])[];

/** What the executors of a random workflow do beside their work; the test changes it between runs. */
export interface Interference {
  /** Called by every executor for every message, before it works. */
  before: (executorId: string) => unknown;
}

const WIDTHS = [1, 4, 5, 5, 5];

const nodeSpec = (width: number): fc.Arbitrary<NodeSpec> =>
  fc.record({
    sources: fc.uniqueArray(fc.nat({ max: width - 1 }), { minLength: 1, maxLength: 2 }),
    joins: fc.boolean(),
    rest: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.nat({ max: 2 }) },
    ),
    isAsyncCondition: fc.boolean(),
  });

/** Twenty executors in five layers. */
export const workflowSpecs: fc.Arbitrary<WorkflowSpec> = fc.tuple(
  ...WIDTHS.map((width, layer) => {
    const nodes = nodeSpec(WIDTHS[layer - 1] ?? 1);
    return fc.array(nodes, { minLength: width, maxLength: width });
  }),
);

const numbers = z.union([z.number(), z.array(z.number())]);

/** What every node does: count, look at the shared values, yield and send. */
async function work(
  input: number | readonly number[],
  context: WorkflowContext<unknown, unknown, unknown>,
  count: number,
  interference: Interference,
): Promise<void> {
  const { executorId, shared } = context;
  const value = typeof input === 'number' ? input : input.reduce((sum, each) => sum + each, 0);
  await interference.before(executorId);
  const own = `k${value % 3}`;
  context.yield([executorId, count, value, shared.get('sum'), shared.get(own)]);
  shared.set('sum', value);
  shared.set(own, executorId);
  context.send(value + 1);
  await interference.before(executorId);
  if (value % 2 === 0) context.send(value * 2);
}

/** Keeps its count in a field; says how it is reset where `resets` is set. */
class CountingExecutor extends Executor {
  #count = 0;
  readonly handlers;

  constructor(id: string, interference: Interference) {
    super(id);
    this.handlers = [
      on(numbers, (input, context) => {
        this.#count += 1;
        return work(input, context, this.#count, interference);
      }),
    ];
  }

  protected forget(): void {
    this.#count = 0;
  }
}

class ResettingExecutor extends CountingExecutor {
  override reset(): void {
    this.forget();
  }
}

/** Makes a node as a definition, a factory with and without reset, or an instance, by turns. */
function createNode(id: string, turn: number, interference: Interference): ExecutorSource {
  if (turn % 4 === 0) return () => new CountingExecutor(id, interference);
  if (turn % 4 === 1) return () => new ResettingExecutor(id, interference);
  if (turn % 4 === 2) return new ResettingExecutor(id, interference);
  return defineExecutor(id, { state: () => ({ count: 0 }) }).on(numbers, (input, context) => {
    context.state.count += 1;
    return work(input, context, context.state.count, interference);
  });
}

/** Builds a random workflow. Every call makes executors of its own. */
export function buildWorkflow(spec: WorkflowSpec, interference: Interference): Workflow {
  const layers = spec.map((nodes, layer) =>
    nodes.map((_, place) => createNode(`n${layer}_${place}`, layer + place, interference)),
  );
  const [[start] = []] = layers;
  if (start === undefined) throw new Error('A random workflow has a first node.');
  const builder = new WorkflowBuilder<ExecutorSource>({
    name: 'random',
    start,
    shared: {
      sum: { initial: () => 0, reduce: (left: number, right: number) => (left + right) % 1009 },
    },
  });
  for (const [layer, nodes] of spec.entries()) {
    if (layer === 0) continue;
    for (const [place, node] of nodes.entries()) {
      const target = layers[layer]?.[place];
      const sources = node.sources.flatMap((index) => layers[layer - 1]?.[index] ?? []);
      if (target !== undefined) connect(builder, sources, target, node);
    }
  }
  return builder.build();
}

function connect(
  builder: WorkflowBuilder<ExecutorSource>,
  sources: readonly ExecutorSource[],
  target: ExecutorSource,
  { joins, rest, isAsyncCondition }: NodeSpec,
): void {
  if (joins && sources.length > 1) {
    builder.addFanIn(sources, target);
    return;
  }
  const holds = (message: unknown): boolean => rest === undefined || Number(message) % 3 === rest;
  for (const source of sources) {
    if (rest === undefined) builder.addEdge(source, target);
    else if (isAsyncCondition) builder.addEdge(source, target, { when: async (m) => holds(m) });
    else builder.addEdge(source, target, { when: holds });
  }
}
