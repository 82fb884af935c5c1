import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { MemoryCheckpointStore } from '../checkpoint/memory-checkpoint-store.ts';
import { Executor } from '../graph/executor.ts';
import { defineExecutor } from '../graph/executor-definition.ts';
import { on } from '../graph/handler.ts';
import { defineRequest } from '../graph/request-type.ts';
import { onResponse } from '../graph/response-handler.ts';
import { type WorkflowOptions } from '../workflow/builder-options.ts';
import { WorkflowBuilder } from '../workflow/workflow-builder.ts';
import { SubWorkflowRequest } from './sub-workflow-protocol.ts';
import { subWorkflow, type SubWorkflowOptions } from './workflow-executor.ts';

const Ask = defineRequest('ask', { request: z.string(), response: z.number() });

const start = defineExecutor('start', (text: string) => text);
const sink = defineExecutor('sink', (value: unknown, ctx) => ctx.yield(value));

const asker = defineExecutor('asker', { state: () => ({ asked: 0 }) })
  .on(String, (text, ctx) => {
    ctx.state.asked += 1;
    ctx.request(Ask, text);
  })
  .onResponse(Ask, (answer, question, ctx) =>
    ctx.yield(`${question}=${answer} of ${ctx.state.asked}`),
  );

const buildInner = () => new WorkflowBuilder({ name: 'inner', start: asker }).build();

function buildOuter(options: Partial<SubWorkflowOptions> = {}, workflow: WorkflowOptions = {}) {
  const inner = subWorkflow(buildInner(), { id: 'inner', ...options });
  return new WorkflowBuilder({ name: 'outer', start, ...workflow })
    .addEdge(start, inner)
    .addEdge(inner, sink)
    .build();
}

const errorOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Asks, and is asked to reset. */
class Resetting extends Executor {
  readonly handlers = [on(String, (text, context) => context.request(Ask, text))];
  override readonly responseHandlers = [onResponse(Ask, () => {})];
  readonly #onReset: () => void;

  constructor(onReset: () => void) {
    super('asker');
    this.#onReset = onReset;
  }

  override reset(): void {
    this.#onReset();
  }
}

describe('the reset of a workflow in a workflow', () => {
  const build = (onReset: () => void) => {
    const inner = new WorkflowBuilder({ name: 'inner', start: () => new Resetting(onReset) });
    const executor = subWorkflow(inner.build(), { id: 'inner' });
    return new WorkflowBuilder({ name: 'outer', start: executor }).build();
  };

  it('asks the executors within, where a conversation of theirs waits', async () => {
    let resets = 0;
    const workflow = build(() => (resets += 1));
    await workflow.run('one');
    await workflow.run('two');

    await workflow.resetForNewRun();
    await workflow.resetForNewRun();

    expect(resets).toBe(2);
  });

  it.each(['perMessage', 'shared'] as const)(
    'leaves nothing for a checkpoint, %s',
    async (isolation) => {
      const executor = subWorkflow(buildInner(), { id: 'inner', isolation })();
      const fresh = await executor.onCheckpointSave();
      const workflow = new WorkflowBuilder({ name: 'outer', start: executor }).build();
      await workflow.run('one');

      await workflow.resetForNewRun();

      expect(await executor.onCheckpointSave()).toEqual(fresh);
    },
  );

  it('fails where one of them fails', async () => {
    const workflow = build(() => {
      throw new Error('stuck');
    });
    await workflow.run('one');

    await expect(workflow.resetForNewRun()).rejects.toMatchObject({
      name: 'WorkflowResetError',
      failures: [{ executorId: 'inner' }],
    });
  });
});

describe('a sub-workflow', () => {
  const double = defineExecutor('double').on(Number, (count, ctx) => ctx.yield(2 * count));
  const buildDouble = () => new WorkflowBuilder({ name: 'double', start: double }).build();

  it('gets what is sent to it, and sends on what it yields', async () => {
    const first = defineExecutor('first', (count: number) => count);
    const inner = subWorkflow(buildDouble(), { id: 'twice' });
    const workflow = new WorkflowBuilder({ name: 'outer', start: first, outputFrom: [sink] })
      .addEdge(first, inner)
      .addEdge(inner, sink)
      .build();

    expect((await workflow.run(3)).outputs).toEqual([6]);
    expect((await workflow.run(4)).outputs).toEqual([8]);
  });

  it('yields instead where that is asked for', async () => {
    const inner = subWorkflow(buildDouble(), { id: 'twice', outputs: 'yield' });
    const workflow = new WorkflowBuilder({ name: 'outer', start: inner }).build();

    expect((await workflow.run(3)).outputs).toEqual([6]);
  });

  it('tells its events with their path, as they come, in one line of numbers', async () => {
    const inner = subWorkflow(buildDouble(), { id: 'twice', outputs: 'yield' });
    const nested = subWorkflow(new WorkflowBuilder({ name: 'middle', start: inner }).build(), {
      id: 'nest',
      outputs: 'yield',
    });
    const workflow = new WorkflowBuilder({ name: 'outer', start: nested }).build();

    const paths: string[] = [];
    const numbers: number[] = [];
    for await (const { seq, path = [], type } of workflow.stream(3)) {
      numbers.push(seq);
      if (type === 'output') paths.push(path.join('/'));
    }

    expect(paths).toEqual(['nest/twice', 'nest', '']);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  it('fails its parent with the path to what failed', async () => {
    const bad = defineExecutor('bad', () => {
      throw new Error('boom');
    });
    const inner = subWorkflow(new WorkflowBuilder({ name: 'in', start: bad }).build(), {
      id: 'inner',
    });
    const workflow = new WorkflowBuilder({ name: 'outer', start: inner }).build();

    expect(await errorOf(workflow.run('x'))).toMatchObject({
      executorId: 'inner',
      message: 'Executor "inner": Executor "bad": boom',
      cause: { executorId: 'bad' },
    });
  });
});

describe('the request of a sub-workflow', () => {
  it('N1: surfaces with the path to who asked, and the answer finds its way back', async () => {
    const workflow = buildOuter();
    const [first, second] = [await workflow.run('a'), await workflow.run('b')];
    const [a, b] = second.pendingRequests;

    expect(first.pendingRequests).toEqual([a]);
    expect(a).toMatchObject({
      type: 'ask',
      executorId: 'inner',
      path: ['inner', 'asker'],
      data: 'a',
    });
    const bad = workflow.resume({ responses: { [a?.id ?? '']: 'one' } });
    expect(await errorOf(bad)).toMatchObject({ code: 'request/invalid-response' });
    const later = await workflow.resume({ responses: { [b?.id ?? '']: 2 } });
    const done = await workflow.resume({ responses: { [a?.id ?? '']: 1 } });
    expect([later.outputs, done.outputs]).toEqual([['b=2 of 1'], ['a=1 of 1']]);
    expect(done.state).toBe('idle');
  });

  it('N2: comes from one conversation where messages share it', async () => {
    const workflow = buildOuter({ isolation: 'shared' });
    await workflow.run('a');
    const { pendingRequests } = await workflow.run('b');

    const responses = Object.fromEntries(pendingRequests.map(({ id }, index) => [id, index]));

    expect((await workflow.resume({ responses })).outputs).toEqual(['a=0 of 2', 'b=1 of 2']);
  });

  it('is answered by an executor of the parent where that is asked for', async () => {
    const inner = subWorkflow(buildInner(), { id: 'inner', requests: 'parent' });
    const judge = defineExecutor('judge')
      .on(SubWorkflowRequest, (request, ctx) => {
        ctx.send(request.answer(request.data === 'bad' ? 'no number' : 7), {
          target: request.executorId,
        });
      })
      .on(String, (text, ctx) => ctx.yield(text));
    const workflow = new WorkflowBuilder({ name: 'outer', start: inner, outputFrom: [judge] })
      .addEdge(inner, judge)
      .addEdge(judge, inner)
      .build();

    expect(await workflow.run('q')).toMatchObject({ outputs: ['q=7 of 1'], state: 'idle' });
    expect(await errorOf(workflow.run('bad'))).toMatchObject({
      cause: { code: 'request/invalid-response' },
    });
  });

  it('survives in a checkpoint, state and all, in nested workflows too', async () => {
    const store = new MemoryCheckpointStore();
    const build = () =>
      new WorkflowBuilder({
        name: 'whole',
        start: subWorkflow(buildOuter(), { id: 'nest', outputs: 'yield' }),
        checkpoints: store,
      }).build();
    const { checkpointId = '', pendingRequests } = await build().run('q');
    const [request] = pendingRequests;

    const done = await build().resume({ checkpointId, responses: { [request?.id ?? '']: 5 } });

    expect(request?.path).toEqual(['nest', 'inner', 'asker']);
    expect(done).toMatchObject({ outputs: ['q=5 of 1'], state: 'idle' });
  });

  it('is refused in a checkpoint that holds something else', async () => {
    const executor = subWorkflow(buildInner(), { id: 'inner' })();

    expect(await errorOf(executor.onCheckpointRestore({ children: {} }))).toMatchObject({
      code: 'checkpoint/decode',
      message: expect.stringContaining('expected the forks of a sub-workflow, got object {'),
    });
  });

  it('is forgotten at reset, with all that the sub-workflow knew', async () => {
    const workflow = buildOuter({ isolation: 'shared' });
    const { pendingRequests } = await workflow.run('a');
    await workflow.resetForNewRun();

    const responses = { [pendingRequests[0]?.id ?? '']: 1 };
    expect(await errorOf(workflow.resume({ responses }))).toMatchObject({ code: 'request/stale' });
    const again = await workflow.run('b');
    const answers = { [again.pendingRequests[0]?.id ?? '']: 1 };
    expect((await workflow.resume({ responses: answers })).outputs).toEqual(['b=1 of 1']);
  });

  it('belongs to the shape of the graph', async () => {
    const store = new MemoryCheckpointStore();
    const { checkpointId = '' } = await buildOuter({}, { checkpoints: store }).run('q');
    const bigger = new WorkflowBuilder({ name: 'inner', start: asker })
      .addEdge(asker, sink)
      .build();
    const inner = subWorkflow(bigger, { id: 'inner' });
    const changed = new WorkflowBuilder({ name: 'outer', start, checkpoints: store })
      .addEdge(start, inner)
      .addEdge(inner, sink)
      .build();

    expect(await errorOf(changed.resume({ checkpointId }))).toMatchObject({
      code: 'checkpoint/graph-changed',
      differences: ['+ inner/ edge asker->sink single', '+ inner/ executor sink'],
    });
  });
});
