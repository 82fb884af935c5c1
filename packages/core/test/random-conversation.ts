import * as fc from 'fast-check';
import * as z from 'zod';

import { type CheckpointStore } from '../src/checkpoint/checkpoint-store.ts';
import { defineExecutor } from '../src/graph/executor-definition.ts';
import { defineRequest } from '../src/graph/request-type.ts';
import { type Workflow } from '../src/workflow/workflow.ts';
import { WorkflowBuilder } from '../src/workflow/workflow-builder.ts';
import { subWorkflow } from '../src/bridges/workflow-executor.ts';
import { createRecordingLogger } from './recording-logger.ts';

/** One executor of a random conversation. */
interface NodeSpec {
  /** Places of the nodes it sends to, itself and earlier ones among them. */
  readonly targets: readonly number[];
  /** Only values with this rest when divided by two go along its edges; none for all. */
  readonly rest: number | undefined;
  readonly isAsync: boolean;
  readonly yields: boolean;
  /** Asks about every value that is divided by this; none for never. */
  readonly asksAbout: number | undefined;
  /** Whether it is a workflow of its own. */
  readonly isNested: boolean;
}

/** What a random conversation is made of. */
export interface ConversationSpec {
  readonly nodes: readonly NodeSpec[];
  readonly maxConcurrency: number | undefined;
}

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

/** Two to five executors, with loops; some wait, some ask. */
const nodeSpecs: fc.Arbitrary<readonly NodeSpec[]> = fc.integer({ min: 2, max: 5 }).chain((size) =>
  fc.array(
    fc.record({
      targets: fc.uniqueArray(fc.nat({ max: size - 1 }), { maxLength: 2 }),
      rest: optional(fc.nat({ max: 1 })),
      isAsync: fc.boolean(),
      yields: fc.boolean(),
      asksAbout: optional(fc.integer({ min: 1, max: 3 })),
      isNested: fc.integer({ min: 0, max: 4 }).map((turn) => turn === 0),
    }),
    { minLength: size, maxLength: size },
  ),
);

export const conversationSpecs: fc.Arbitrary<ConversationSpec> = fc.record({
  nodes: nodeSpecs,
  maxConcurrency: optional(fc.integer({ min: 1, max: 2 })),
});

const valueSchema = z.object({ value: z.number(), left: z.number() });
type Value = z.infer<typeof valueSchema>;

const Ask = defineRequest('ask', { request: valueSchema, response: z.number() });

/** What happens beside the work; the test changes it between runs. */
export interface Interference {
  /** Called by every executor for every message, before it works. */
  before: (executorId: string) => unknown;
}

function createNode(id: string, spec: NodeSpec, interference: Interference) {
  const { isAsync, yields, asksAbout } = spec;
  return defineExecutor(id, { state: () => ({ count: 0, seen: new Set<number>() }) })
    .on(valueSchema, async ({ value, left }, ctx) => {
      interference.before(id);
      ctx.state.count += 1;
      ctx.state.seen.add(value);
      if (isAsync) await Promise.resolve();
      ctx.shared.set('sum', value);
      if (yields)
        ctx.yield([id, ctx.state.count, ctx.state.seen.size, value, ctx.shared.get('sum')]);
      if (left > 0) ctx.send({ value: value + 1, left: left - 1 });
      if (asksAbout !== undefined && value % asksAbout === 0) ctx.request(Ask, { value, left });
    })
    .onResponse(Ask, (answer, { value, left }, ctx) => {
      interference.before(id);
      ctx.state.count += 1;
      ctx.yield([id, 'answered', ctx.state.count, value, answer]);
      if (left > 0) ctx.send({ value: value + answer, left: left - 1 });
    });
}

/** A node as a workflow of its own, which sends on what it yields. */
function createNested(id: string, spec: NodeSpec, interference: Interference) {
  const inner = createNode(`${id} inner`, { ...spec, yields: true }, interference);
  const out = defineExecutor(`${id} out`).on(valueSchema, (value, ctx) => ctx.yield(value));
  const nested = new WorkflowBuilder({ name: id, start: inner, outputFrom: [out] })
    .addEdge(inner, out)
    .build();
  return subWorkflow(nested, { id });
}

/** Builds a random conversation; every call makes executors of its own. */
export function buildConversation(
  spec: ConversationSpec,
  interference: Interference,
  checkpoints?: CheckpointStore,
): Workflow<Value> {
  const { maxConcurrency } = spec;
  const nodes = spec.nodes.map((node, place) =>
    node.isNested && place > 0
      ? createNested(`n${place}`, node, interference)
      : createNode(`n${place}`, node, interference),
  );
  const first = createNode('start', { ...PLAIN, isAsync: false }, interference);
  const builder = new WorkflowBuilder({
    name: 'conversation',
    start: first,
    checkpoints,
    maxConcurrency,
    threadId: 'thread',
    logger: createRecordingLogger(),
    shared: {
      sum: { initial: () => 0, reduce: (left: number, right: number) => (left + right) % 1009 },
    },
  });
  for (const node of nodes) builder.addEdge(first, node);
  for (const [place, { targets, rest, isAsync }] of spec.nodes.entries()) {
    const holds = ({ value }: Value): boolean => rest === undefined || value % 2 === rest;
    const when = isAsync ? async (message: Value) => holds(message) : holds;
    for (const target of targets) {
      const [source, sink] = [nodes[place], nodes[target]];
      if (source === undefined || sink === undefined) continue;
      builder.addEdge(source, sink, {
        when: (message: unknown) => when(valueSchema.parse(message)),
      });
    }
  }
  return builder.build();
}

const PLAIN: NodeSpec = {
  targets: [],
  rest: undefined,
  isAsync: false,
  yields: true,
  asksAbout: undefined,
  isNested: false,
};
