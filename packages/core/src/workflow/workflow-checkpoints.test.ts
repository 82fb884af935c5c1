import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { createDeferred } from '../../test/deferred.ts';
import { createRecordingLogger } from '../../test/recording-logger.ts';
import { eventsOf, ofType } from '../../test/run-events.ts';
import { MemoryCheckpointStore } from '../checkpoint/memory-checkpoint-store.ts';
import { type CheckpointHead, type WorkflowCheckpoint } from '../checkpoint/workflow-checkpoint.ts';
import { Executor } from '../graph/executor.ts';
import { defineExecutor } from '../graph/executor-definition.ts';
import { on } from '../graph/handler.ts';
import { defineRequest } from '../graph/request-type.ts';
import { type WorkflowOptions } from './builder-options.ts';
import { WorkflowBuilder } from './workflow-builder.ts';

const errorOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

async function listed(store: MemoryCheckpointStore): Promise<CheckpointHead[]> {
  const heads: CheckpointHead[] = [];
  for await (const head of store.list()) heads.push(head);
  return heads;
}

/** Two executors pass a number to and fro, adding 1, until it reaches `goal`; both count. */
function buildLoop(
  store: MemoryCheckpointStore,
  { goal = 4, ...options }: WorkflowOptions & { goal?: number } = {},
) {
  const step = (id: string) =>
    defineExecutor(id, { state: () => ({ seen: new Set<number>() }) }).on(Number, (count, ctx) => {
      ctx.state.seen.add(count);
      ctx.shared.set('last', count);
      if (count >= goal) ctx.yield([...ctx.state.seen]);
      else return count + 1;
    });
  const [a, b] = [step('a'), step('b')];
  return new WorkflowBuilder({ name: 'loop', start: a, checkpoints: store, ...options })
    .addEdge(a, b)
    .addEdge(b, a)
    .build();
}

const Ask = defineRequest('ask', { request: z.string(), response: z.string() });

const asker = defineExecutor('asker')
  .on(String, (text, ctx) => {
    for (const each of text.split(',')) ctx.request(Ask, each);
  })
  .onResponse(Ask, (answer, question, ctx) => ctx.yield(`${question}=${answer}`));

const buildAsker = (store: MemoryCheckpointStore, options: WorkflowOptions = {}) =>
  new WorkflowBuilder({ name: 'asker', start: asker, checkpoints: store, ...options }).build();

describe('checkpoints of a run', () => {
  it('do not take an executor for finished that was cut off between two of its messages', async () => {
    const store = new MemoryCheckpointStore();
    const controller = new AbortController();
    const seen: string[] = [];
    const start = defineExecutor('start').on(String, (_text, ctx) => {
      ctx.send('one');
      ctx.send('two');
    });
    const cut = defineExecutor('cut').on(String, (text, ctx) => {
      seen.push(text);
      if (seen.length === 1) controller.abort();
      ctx.yield(text);
    });
    const slow = defineExecutor('slow').on(String, () => Promise.resolve(undefined));
    const workflow = new WorkflowBuilder({ name: 'cut', start, checkpoints: store })
      .addEdge(start, cut)
      .addEdge(start, slow)
      .build();
    await errorOf(workflow.run('go', { signal: controller.signal }));

    const result = await workflow.resume();

    expect(result.outputs).toEqual(['one', 'two']);
    expect(seen).toEqual(['one', 'one', 'two']);
  });

  it('go on after the one they would build on was deleted', async () => {
    const store = new MemoryCheckpointStore();
    const workflow = buildLoop(store);
    const first = await workflow.run(1);
    await store.delete(first.checkpointId ?? '');

    const second = await workflow.run(4);

    const resumed = await buildLoop(store).resume({ checkpointId: second.checkpointId });
    expect(resumed.outputs).toEqual(second.outputs);
  });

  it('U1: are taken before the first superstep and after each, in one line', async () => {
    const store = new MemoryCheckpointStore();

    const result = await buildLoop(store).run(1);

    const heads = await listed(store);
    expect(heads.map(({ superstep, runState }) => [superstep, runState])).toEqual([
      [0, 'in_progress'],
      [1, 'in_progress'],
      [2, 'in_progress'],
      [3, 'in_progress'],
      [4, 'idle'],
    ]);
    expect(heads.map(({ parentId }) => parentId)).toEqual([
      null,
      ...heads.slice(0, -1).map(({ id }) => id),
    ]);
    expect(result.checkpointId).toBe(heads.at(-1)?.id);
    expect(new Set(heads.map(({ threadId }) => threadId))).toEqual(new Set([result.threadId]));
  });

  it('K2: are told', async () => {
    const store = new MemoryCheckpointStore();

    const events = await eventsOf(buildLoop(store, { goal: 1 }), 1);

    const ids = (await listed(store)).map(({ id }) => id);
    expect(ofType(events, 'checkpoint_created').map(({ checkpointId }) => checkpointId)).toEqual(
      ids,
    );
  });

  it('of later runs follow the head, and a reset begins another thread', async () => {
    const store = new MemoryCheckpointStore();
    const workflow = buildLoop(store, { goal: 1, threadId: 'mine' });
    await workflow.run(1);
    const { checkpointId: first } = await workflow.run(1);
    await workflow.resetForNewRun();
    await workflow.run(1);

    const heads = await listed(store);
    expect(heads.map(({ threadId }) => threadId === 'mine')).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(heads[3]?.id).toBe(first);
    expect(heads[2]?.parentId).toBe(heads[1]?.id);
    expect(heads[4]?.parentId).toBe(null);
  });

  it('may go to a store of one run', async () => {
    const [usual, other] = [new MemoryCheckpointStore(), new MemoryCheckpointStore()];
    const workflow = buildLoop(usual, { goal: 1 });

    const { checkpointId = '' } = await workflow.run(1, { checkpoints: other });
    await workflow.run(1);

    expect(await listed(other)).toHaveLength(2);
    expect(await listed(usual)).toHaveLength(2);
    const resumed = await workflow.resume({ checkpointId, checkpoints: other });
    expect(resumed.outputs).toEqual([[1]]);
  });
});

describe('resume', () => {
  it('from any checkpoint, on a new instance, ends as the uninterrupted run did', async () => {
    const store = new MemoryCheckpointStore();
    const { outputs } = await buildLoop(store).run(1);
    const before = await listed(store);

    for (const { id, superstep } of before) {
      const resumed = await buildLoop(store).resume({ checkpointId: id });

      expect(resumed.outputs).toEqual(outputs);
      expect(resumed.supersteps).toBe(4 - superstep);
    }
    expect((await listed(store)).slice(0, before.length)).toEqual(before);
  });

  it('from the head of a thread goes on; from an older checkpoint opens a branch', async () => {
    const store = new MemoryCheckpointStore();
    const { threadId, pendingRequests, checkpointId = '' } = await buildAsker(store).run('q');
    const id = pendingRequests[0]?.id ?? '';

    const first = await buildAsker(store).resume({ threadId, responses: { [id]: 'one' } });
    const second = await buildAsker(store).resume({ checkpointId, responses: { [id]: 'two' } });

    expect([first.outputs, second.outputs]).toEqual([['q=one'], ['q=two']]);
    const heads = await listed(store);
    const branches = heads.map(({ branchId }) => branchId);
    expect(new Set(branches.slice(0, 4)).size).toBe(1);
    expect(new Set(branches.slice(4)).size).toBe(1);
    expect(branches[4]).not.toBe(branches[0]);
    expect(heads[4]?.parentId).toBe(checkpointId);
  });

  it('tells again of requests that wait, but of none that is answered in the same call', async () => {
    const store = new MemoryCheckpointStore();
    const { checkpointId = '', pendingRequests } = await buildAsker(store).run('a,b');
    const [first = ''] = pendingRequests.map(({ id }) => id);

    const workflow = buildAsker(store);
    const run = workflow.streamResume({ checkpointId, responses: { [first]: '1' } });
    const told: unknown[] = [];
    for await (const event of run) if (event.type === 'request_info') told.push(event.request.data);

    expect(told).toEqual(['b']);
    expect(await run.result).toMatchObject({
      state: 'idle_with_pending_requests',
      outputs: ['a=1'],
    });
    expect(workflow.status).toBe('idle_with_pending_requests');
  });

  it('takes a failed or cancelled run up from its last checkpoint', async () => {
    const store = new MemoryCheckpointStore();
    let isBroken = true;
    const a = defineExecutor('a', { state: () => ({ runs: 0 }) }).on(String, (text, ctx) => {
      ctx.state.runs += 1;
      ctx.yield(`a${ctx.state.runs}`);
      return text;
    });
    const b = defineExecutor('b', { state: () => ({ runs: 0 }) }).on(String, (text, ctx) => {
      ctx.state.runs += 1;
      if (isBroken) throw new Error('broken');
      ctx.yield(`b${ctx.state.runs} ${text}`);
    });
    const workflow = new WorkflowBuilder({ name: 'two', start: a, checkpoints: store })
      .addEdge(a, b)
      .build();
    const failure = await errorOf(workflow.run('x'));
    expect(failure).toMatchObject({
      outputs: ['a1'],
      checkpointId: (await listed(store)).at(-1)?.id,
    });

    isBroken = false;
    const resumed = await workflow.resume();

    expect(resumed.outputs).toEqual(['a1', 'b1 x']);
  });

  it('K3: of two processes that go on from one head, refuses the second', async () => {
    const store = new MemoryCheckpointStore();
    const { checkpointId = '', pendingRequests } = await buildAsker(store).run('a,b');
    const [first = '', second = ''] = pendingRequests.map(({ id }) => id);
    const [mine, theirs] = [buildAsker(store), buildAsker(store)];
    await Promise.all([mine.resume({ checkpointId }), theirs.resume({ checkpointId })]);
    await mine.resume({ responses: { [first]: '1' } });
    const before = await listed(store);

    const failure = await errorOf(theirs.resume({ responses: { [second]: '2' } }));

    expect(failure).toMatchObject({ code: 'checkpoint/conflict' });
    expect(await listed(store)).toEqual(before);
    const current = before.at(-1)?.id ?? '';
    const after = await theirs.resume({ checkpointId: current, responses: { [second]: '2' } });
    expect(after).toMatchObject({ state: 'idle', outputs: ['b=2'] });
  });

  it('takes answers that lay ready before they were asked for', async () => {
    const store = new MemoryCheckpointStore();
    const early = defineExecutor('early')
      .on(String, (text, ctx) => ctx.request(Ask, text, { id: 'question' }))
      .onResponse(Ask, (answer, _, ctx) => ctx.yield(answer));
    await store.saveAnswer('mine', { requestId: 'question', answer: 'ready' });

    const workflow = new WorkflowBuilder({
      name: 'early',
      start: early,
      checkpoints: store,
      threadId: 'mine',
    }).build();

    expect(await workflow.run('?')).toMatchObject({ state: 'idle', outputs: ['ready'] });
  });

  it('runs only what had not finished of a superstep that was interrupted', async () => {
    const store = new MemoryCheckpointStore();
    const ran: string[] = [];
    let isBroken = true;
    const saved = createDeferred();
    const build = () => {
      const start = defineExecutor('start', (text: string) => text);
      const quick = defineExecutor('quick', { state: () => ({ count: 0 }) }).on(
        String,
        async (text, ctx) => {
          await Promise.resolve();
          ran.push('quick');
          ctx.state.count += 1;
          ctx.yield(`quick ${text} ${ctx.state.count}`);
        },
      );
      const slow = defineExecutor('slow', async (text: string, ctx) => {
        if (isBroken) {
          await saved.promise;
          throw new Error('crash');
        }
        ran.push('slow');
        ctx.yield(`slow ${text}`);
      });
      return new WorkflowBuilder({ name: 'wide', start, checkpoints: store })
        .addFanOut(start, [quick, slow])
        .build();
    };
    store.saveResult = async (scope, result) => {
      const isNew = await MemoryCheckpointStore.prototype.saveResult.call(store, scope, result);
      saved.resolve();
      return isNew;
    };
    const failure = await errorOf(build().run('x'));
    const checkpointId = (await listed(store)).at(-1)?.id ?? '';
    expect(failure).toMatchObject({ checkpointId });

    isBroken = false;
    const run = build().streamResume({ checkpointId });
    const types: string[] = [];
    for await (const event of run) types.push(event.type);

    expect(ran).toEqual(['quick', 'slow']);
    expect((await run.result).outputs).toEqual(['quick x 1', 'slow x']);
    expect(types).toContain('executor_bypassed');
    const other = await build().resume({ checkpointId });
    expect(other.outputs).toEqual(['quick x 1', 'slow x']);
    expect(ran.toSorted()).toEqual(['quick', 'quick', 'slow', 'slow']);
  });

  it('R4, C2: restores the state of classes, and refuses whole when one refuses', async () => {
    class Counter extends Executor {
      seen = 0;
      readonly handlers = [on(String, (_, ctx) => ctx.yield((this.seen += 1)))];
      override reset(): void {
        this.seen = 0;
      }
      override onCheckpointSave(): unknown {
        return { seen: this.seen };
      }
      override onCheckpointRestore(state: { readonly seen: number }): void {
        if (state.seen === 2) throw new Error('two is too many');
        this.seen = state.seen;
      }
    }
    const store = new MemoryCheckpointStore();
    const counter = new Counter('counter');
    const workflow = new WorkflowBuilder({
      name: 'class',
      start: counter,
      checkpoints: store,
    }).build();
    const one = (await workflow.run('x')).checkpointId ?? '';
    const two = (await workflow.run('x')).checkpointId ?? '';
    await workflow.run('x');

    expect(await errorOf(workflow.resume({ checkpointId: two }))).toMatchObject({
      code: 'checkpoint/decode',
      path: 'executors.counter',
    });
    expect(counter.seen).toBe(3);
    expect(workflow.status).toBe('idle');
    await workflow.resume({ checkpointId: one });
    expect((await workflow.run('x')).outputs).toEqual([2]);
  });

  it('refuses mixtures that mean nothing', async () => {
    const store = new MemoryCheckpointStore();
    const bare = new WorkflowBuilder({ name: 'asker', start: asker }).build();
    const refused = { code: 'resume/invalid-options' };

    expect(
      await errorOf(buildAsker(store).resume({ checkpointId: 'a', threadId: 'b' })),
    ).toMatchObject(refused);
    expect(await errorOf(buildAsker(store).resume({ checkpointId: '' }))).toMatchObject(refused);
    expect(await errorOf(bare.resume({ checkpointId: 'a' }))).toMatchObject(refused);
    expect(await errorOf(buildAsker(store).resume({ checkpointId: 'a' }))).toMatchObject({
      code: 'checkpoint/not-found',
    });
    expect(await errorOf(buildAsker(store).resume({ threadId: 'b' }))).toMatchObject({
      code: 'checkpoint/not-found',
    });
  });
});

describe('a checkpoint that cannot be saved', () => {
  class Failing extends MemoryCheckpointStore {
    saves = 0;
    override async save(...args: Parameters<MemoryCheckpointStore['save']>): Promise<void> {
      this.saves += 1;
      if (this.saves === 3) throw new Error('disk full');
      await super.save(...args);
    }
  }

  it('K1, T1: fails the run, which can be resumed from the one before', async () => {
    const store = new Failing();
    const workflow = buildLoop(store);

    expect(await errorOf(workflow.run(1))).toMatchObject({
      code: 'checkpoint/store-failed',
      cause: new Error('disk full'),
    });

    expect((await workflow.resume()).outputs).toEqual([[2, 4]]);
  });

  it('K2: is only told where the workflow says so', async () => {
    const store = new Failing();
    const workflow = buildLoop(store, { onCheckpointFailure: 'warn' });

    const events = await eventsOf(workflow, 1);

    expect(ofType(events, 'checkpoint_failed')).toHaveLength(1);
    expect(ofType(events, 'status').at(-1)).toEqual({ type: 'status', state: 'idle' });
    const ids = (await listed(store)).map(({ id }) => id);
    for (const checkpointId of ids)
      expect((await buildLoop(store).resume({ checkpointId })).outputs).toEqual([[2, 4]]);
  });

  it('names the path of a value that no codec carries', async () => {
    const start = defineExecutor('start', () => ({ callback: () => {} }));
    const end = defineExecutor('end', () => {});
    const workflow = new WorkflowBuilder({
      name: 'live',
      start,
      checkpoints: new MemoryCheckpointStore(),
    })
      .addEdge(start, end)
      .build();

    expect(await errorOf(workflow.run('x'))).toMatchObject({
      code: 'checkpoint/encode',
      path: 'queue.0.message.callback',
    });
  });
});

describe('a stored checkpoint that was tampered with', () => {
  /** Runs to a pause, changes the whole checkpoint, and tries to resume. */
  async function resumeChanged(change: (text: string) => string): Promise<unknown> {
    const store = new MemoryCheckpointStore();
    await buildAsker(store).run('q');
    const [head] = await listed(store);
    const whole = await store.load(head?.id ?? '');
    const changed = JSON.parse(
      change(JSON.stringify({ ...whole, id: 'changed' })),
    ) as WorkflowCheckpoint;
    const target = new MemoryCheckpointStore();
    await target.save({ ...changed, parentId: null }, { expectedParent: null });
    const workflow = buildAsker(target);
    const failure = await errorOf(workflow.resume({ checkpointId: 'changed' }));
    expect(workflow.status).toBe('idle');
    expect((await workflow.run('still works')).pendingRequests).toHaveLength(1);
    return failure;
  }

  it.each([
    ['another version', (text: string) => text.replace('"version":1', '"version":2')],
    ['another workflow', (text: string) => text.replace('"asker"', '"other"')],
    [
      'an unknown tag',
      (text: string) => text.replace('"message":"q"', '"message":{"$":"evil","v":1}'),
    ],
    [
      'a reference to nothing',
      (text: string) => text.replace('"message":"q"', '"message":{"$r":9}'),
    ],
    [
      '__proto__',
      (text: string) => text.replace('"message":"q"', '"message":{"__proto__":{"x":1}}'),
    ],
    [
      'a key that only tags have',
      (text: string) => text.replace('"message":"q"', '"message":{"$x":1}'),
    ],
    [
      'a depth bomb',
      (text: string) =>
        text.replace('"message":"q"', `"message":${'['.repeat(3000)}${']'.repeat(3000)}`),
    ],
    ['an unknown executor', (text: string) => text.replace('"sourceId":""', '"sourceId":"ghost"')],
    [
      'a wrong type',
      (text: string) => text.replace('"superstep":0,"step":0', '"superstep":"0","step":0'),
    ],
    ['no queue', (text: string) => text.replace('"queue":', '"cue":')],
    ['no state', (text: string) => text.replace('"whole":', '"hole":')],
  ])('is refused for %s, and nothing is changed', async (_what, change) => {
    expect(await resumeChanged(change)).toMatchObject({ code: 'checkpoint/decode' });
  });

  it('R4: is refused when the graph has changed, with the differences, unless it is migrated', async () => {
    const store = new MemoryCheckpointStore();
    const { checkpointId = '', pendingRequests } = await buildAsker(store).run('q');
    const sink = defineExecutor('sink', () => {});
    const build = () =>
      new WorkflowBuilder({
        name: 'asker',
        start: asker,
        checkpoints: store,
        logger: createRecordingLogger(),
      })
        .addEdge(asker, sink)
        .build();

    expect(await errorOf(build().resume({ checkpointId }))).toMatchObject({
      code: 'checkpoint/graph-changed',
      differences: ['+ executor sink', '+ edge asker->sink single'],
    });
    const responses = { [pendingRequests[0]?.id ?? '']: 'yes' };
    const migrated = await build().resume({
      checkpointId,
      responses,
      migrate: ({ state }) => state,
    });
    expect(migrated.outputs).toEqual(['q=yes']);
  });
});

describe('any program', () => {
  it('ends the same when it is dropped and resumed elsewhere after any superstep', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.nat(), async (goal, pick) => {
        const store = new MemoryCheckpointStore();
        const whole = await buildLoop(store, { goal }).run(1);
        const heads = await listed(store);
        const checkpointId = heads[pick % heads.length]?.id ?? '';

        const resumed = await buildLoop(store, { goal }).resume({ checkpointId });

        expect(resumed.outputs).toEqual(whole.outputs);
      }),
      { numRuns: 40 },
    );
  });
});
