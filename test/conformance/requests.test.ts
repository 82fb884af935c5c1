import {
  defineExecutor,
  defineRequest,
  MemoryCheckpointStore,
  subWorkflow,
  WorkflowBuilder,
} from '@colloquy/core';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import {
  type ComparableRun,
  expectedRun,
  observedRun,
  readStep,
  readSteps,
} from './reference-trace.ts';

const Ask = defineRequest('ask', {
  request: z.object({ q: z.string() }),
  response: z.string(),
});

const asker = defineExecutor('asker')
  .on(String, (text, ctx) => {
    for (const q of text.split(',')) ctx.request(Ask, { q }, { id: `req-${q}` });
  })
  .onResponse(Ask, (answer, { q }, ctx) => {
    ctx.send(`${q}:${answer}`);
    ctx.yield(`${q}=${answer}`);
  });
const sink = defineExecutor('sink').on(String, (text, ctx) => ctx.yield(`sink ${text}`));

const buildAsker = (checkpoints?: MemoryCheckpointStore) =>
  new WorkflowBuilder({ name: 'asking', start: asker, checkpoints }).addEdge(asker, sink).build();

const threeSteps = (name: string) =>
  [readStep(name, 0), readStep(name, 1), readStep(name, 2)] as const;

/** Differs from Python: the final state tells that requests still wait, also where others were answered. */
function withPending(run: ComparableRun, stillPending: boolean): ComparableRun {
  if (!stillPending) return run;
  const state = 'idle_with_pending_requests';
  return { ...run, state, events: [...run.events.slice(0, -1), { type: 'status', state }] };
}

describe('the reference traces of requests', () => {
  it.each(['d01-hitl-single', 'd02-hitl-multi-partial'])('%s match', async (name) => {
    const steps = readSteps(name);
    const workflow = buildAsker();

    const runs: ComparableRun[] = [];
    for (const step of steps) runs.push(await observedRun(workflow, step));

    const isPartial = (index: number): boolean => name.startsWith('d02') && index === 1;
    expect(runs).toEqual(
      steps.map((step, index) => withPending(expectedRun(step), isPartial(index))),
    );
  });

  it('d06-hitl-handler-selection matches: the kind of request chooses the handler', async () => {
    const AskNumber = defineRequest('ask-number', {
      request: z.object({ q: z.string() }),
      response: z.number(),
    });
    const AskTwo = defineRequest('ask-two', {
      request: z.object({ n: z.number() }),
      response: z.string(),
    });
    const e = defineExecutor('e')
      .on(String, (_, ctx) => {
        ctx.request(Ask, { q: 's' }, { id: 'r1' });
        ctx.request(AskNumber, { q: 'i' }, { id: 'r2' });
        ctx.request(AskTwo, { n: 2 }, { id: 'r3' });
      })
      .onResponse(Ask, (answer, { q }, ctx) =>
        ctx.yield(`Ask/str ${q} ${answer} rid=${ctx.requestId}`),
      )
      .onResponse(AskNumber, (answer, { q }, ctx) =>
        ctx.yield(`Ask/int ${q} ${answer} rid=${ctx.requestId}`),
      )
      .onResponse(AskTwo, (answer, { n }, ctx) =>
        ctx.yield(`Ask2/str ${n} ${answer} rid=${ctx.requestId}`),
      );
    const workflow = new WorkflowBuilder({ name: 'kinds', start: e }).build();
    const steps = readSteps('d06-hitl-handler-selection');

    const runs: ComparableRun[] = [];
    for (const step of steps) runs.push(await observedRun(workflow, step));

    expect(runs).toEqual(steps.map((step) => expectedRun(step)));
  });

  it('e07-response-entry-checkpoint matches: an answer in flight is in a checkpoint', async () => {
    const store = new MemoryCheckpointStore();
    const [asked, answered, resumed] = threeSteps('e07-response-entry-checkpoint');
    const workflow = buildAsker(store);
    const first = await observedRun(workflow, asked);
    const second = await observedRun(workflow, answered);
    const ids: string[] = [];
    for await (const { id } of store.list()) ids.push(id);

    // Before the run, after its superstep, with the answer in flight, after both supersteps that follow.
    expect(ids).toHaveLength(5);
    const again = await buildAsker(store).resume({ checkpointId: ids[2] });
    expect([first, second]).toEqual([asked, answered].map((step) => expectedRun(step)));
    expect(again.outputs).toEqual(resumed.outputs);
  });
});

describe('the reference traces of checkpoints', () => {
  /** Both count; together they have seen 1 + 2 + 3 … when the last one yields. */
  function buildLoop(store: MemoryCheckpointStore) {
    const step = (id: string, next: (count: number) => boolean) =>
      defineExecutor(id, { state: () => ({ total: 0 }) }).on(Number, (count, ctx) => {
        ctx.state.total += count;
        if (next(count)) ctx.send(count + 1);
        else ctx.yield(ctx.state.total);
      });
    const [a, b] = [step('a', () => true), step('b', (count) => count < 4)];
    return new WorkflowBuilder({ name: 'accumulate', start: a, checkpoints: store })
      .addEdge(a, b)
      .addEdge(b, a)
      .build();
  }

  it('e01-checkpoint-lineage matches, with one checkpoint more than supersteps', async () => {
    const store = new MemoryCheckpointStore();
    const step = readStep('e01-checkpoint-lineage', 0);

    const run = await observedRun(buildLoop(store), step);

    expect(run).toEqual(expectedRun(step));
    const lineage: (readonly [number, string | null])[] = [];
    const ids: string[] = [];
    for await (const head of store.list()) {
      lineage.push([head.superstep, head.parentId]);
      ids.push(head.id);
    }
    expect(lineage).toEqual(ids.map((_, index) => [index, ids[index - 1] ?? null]));
  });

  it('e02-checkpoint-resume-each matches: every checkpoint leads to the same output', async () => {
    const store = new MemoryCheckpointStore();
    const [first, ...resumes] = readSteps('e02-checkpoint-resume-each');
    await buildLoop(store).run(Number(first?.input));
    const ids: string[] = [];
    for await (const { id } of store.list()) ids.push(id);

    const runs: ComparableRun[] = [];
    for (const [index, step] of resumes.entries())
      runs.push(await observedRun(buildLoop(store), step, '', ids[index]));

    // Differs from Python: outputs begin with what the run had yielded, so the last checkpoint gives them too.
    const expected = resumes.map((step) => Object.assign(expectedRun(step), { outputs: [6] }));
    expect(runs).toEqual(expected);
  });
});

describe('the reference traces of sub-workflows', () => {
  it('f01-subworkflow-basic matches', async () => {
    const upper = defineExecutor('c1').on(String, (text) => text.toUpperCase());
    const marks = defineExecutor('c2').on(String, (text, ctx) => {
      ctx.yield(`${text}!`);
      ctx.yield(`${text}?`);
    });
    const child = new WorkflowBuilder({ name: 'child', start: upper })
      .addEdge(upper, marks)
      .build();
    const p = defineExecutor('p').on(String, (text) => text);
    const got = defineExecutor('sink').on(String, (text, ctx) => ctx.yield(`got ${text}`));
    const workflow = new WorkflowBuilder({ name: 'parent', start: p })
      .addChain([p, subWorkflow(child, { id: 'sub' }), got])
      .build();
    const steps = readSteps('f01-subworkflow-basic');

    const runs: ComparableRun[] = [];
    for (const step of steps) runs.push(await observedRun(workflow, step));

    expect(runs).toEqual(steps.map((step) => expectedRun(step)));
  });

  it('f03-subworkflow-request-propagate matches, and a second answer is stale', async () => {
    const quiet = defineExecutor('asker')
      .on(String, (q, ctx) => ctx.request(Ask, { q }, { id: `req-${q}` }))
      .onResponse(Ask, (answer, { q }, ctx) => ctx.yield(`${q}=${answer}`));
    const child = new WorkflowBuilder({ name: 'child', start: quiet }).build();
    const p = defineExecutor('p').on(String, (text) => text);
    const got = defineExecutor('sink').on(String, (text, ctx) => ctx.yield(`got ${text}`));
    const workflow = new WorkflowBuilder({ name: 'parent', start: p })
      .addChain([p, subWorkflow(child, { id: 'sub' }), got])
      .build();
    const [asked, answered, again] = threeSteps('f03-subworkflow-request-propagate');

    const runs = [await observedRun(workflow, asked), await observedRun(workflow, answered)];

    expect(runs).toEqual([asked, answered].map((step) => expectedRun(step)));
    // Differs from Python: a bad answer is refused and fails nothing.
    await expect(workflow.resume({ responses: again.responses })).rejects.toMatchObject({
      code: 'request/stale',
    });
    expect(workflow.status).toBe('idle');
  });
});
