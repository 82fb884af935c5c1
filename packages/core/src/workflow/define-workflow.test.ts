import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { createDeferred } from '../../test/deferred.ts';
import { MemoryCheckpointStore } from '../checkpoint/memory-checkpoint-store.ts';
import { ExecutorError } from '../errors/workflow-errors.ts';
import { defineEvent } from '../events/custom-event.ts';
import { defineRequest } from '../graph/request-type.ts';
import { defineWorkflow, type ProgramOptions } from './define-workflow.ts';

const Approve = defineRequest('approve', { request: z.string(), response: z.boolean() });
const Name = defineRequest('name', { request: z.string(), response: z.string() });

const causeOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => (ExecutorError.isInstance(error) ? error.cause : error),
  );

/** Drafts, asks, publishes; notes what its steps do. */
function buildPublish(done: string[], options: ProgramOptions<string> = {}) {
  return defineWorkflow(
    'publish',
    async (topic: string, ctx) => {
      const draft = await ctx.step('draft', () => {
        done.push(`draft ${topic}`);
        return { text: `about ${topic}` };
      });
      const isApproved = await ctx.request(Approve, draft.text);
      if (!isApproved) return 'dropped';
      return ctx.step('publish', () => {
        done.push(`publish ${draft.text}`);
        return `published ${draft.text}`;
      });
    },
    options,
  );
}

describe('a workflow of one function', () => {
  it('puts out what the function returns', async () => {
    const double = defineWorkflow('double', (count: number) => Promise.resolve(2 * count));

    const result = await double.run(21);

    expect(result.outputs).toEqual([42]);
    expect(result.state).toBe('idle');
  });

  it('puts out nothing for a function that returns nothing', async () => {
    const silent = defineWorkflow('silent', (_input: string) => Promise.resolve(undefined));

    expect((await silent.run('x')).outputs).toEqual([]);
  });

  it('J1: waits for an answer and does no step twice', async () => {
    const done: string[] = [];
    const workflow = buildPublish(done);

    const paused = await workflow.run('bees');
    const [request] = paused.pendingRequests;
    const result = await workflow.resume({ responses: { [request?.id ?? '']: true } });

    expect(paused.state).toBe('idle_with_pending_requests');
    expect(request).toMatchObject({ type: 'approve', executorId: 'publish', data: 'about bees' });
    expect(result.outputs).toEqual(['published about bees']);
    expect(done).toEqual(['draft bees', 'publish about bees']);
  });

  it('goes on in another process', async () => {
    const store = new MemoryCheckpointStore();
    const done: string[] = [];
    const paused = await buildPublish(done, { checkpoints: store }).run('bees');

    const responses = { [paused.pendingRequests[0]?.id ?? '']: false };
    const elsewhere = buildPublish(done, { checkpoints: store });
    const result = await elsewhere.resume({ threadId: paused.threadId, responses });

    expect(result.outputs).toEqual(['dropped']);
    expect(done).toEqual(['draft bees']);
  });

  it('P2: refuses an answer that does not fit, in another process too, and goes on waiting', async () => {
    const store = new MemoryCheckpointStore();
    const paused = await buildPublish([], { checkpoints: store }).run('bees');
    const id = paused.pendingRequests[0]?.id ?? '';
    const elsewhere = buildPublish([], { checkpoints: store });

    const bad = elsewhere.resume({ threadId: paused.threadId, responses: { [id]: 'yes' } });
    await expect(bad).rejects.toMatchObject({ code: 'request/invalid-response' });

    const result = await elsewhere.resume({
      threadId: paused.threadId,
      responses: { [id]: false },
    });
    expect(result.outputs).toEqual(['dropped']);
  });

  it('asks several questions at once and takes the answers one by one', async () => {
    const workflow = defineWorkflow('ask', async (_: string, ctx) => {
      const [first, second] = await Promise.all([
        ctx.request(Name, 'first?', { id: 'first' }),
        ctx.request(Name, 'second?', { id: 'second' }),
      ]);
      const third = await ctx.request(Name, `${first} and?`);
      return `${first} ${second} ${third}`;
    });

    const asked = await workflow.run('go');
    const [one, two] = asked.pendingRequests.map(({ id }) => id);
    const partly = await workflow.resume({ responses: { [two ?? '']: 'Bo' } });
    const further = await workflow.resume({ responses: { [one ?? '']: 'Al' } });
    const three = further.pendingRequests[0];
    const result = await workflow.resume({ responses: { [three?.id ?? '']: 'Cy' } });

    expect(partly.pendingRequests.map(({ id }) => id)).toEqual([one]);
    expect(three?.data).toBe('Al and?');
    expect(result.outputs).toEqual(['Al Bo Cy']);
  });

  it('J2: does nothing for a program that goes on behind its question', async () => {
    const done: string[] = [];
    const later = createDeferred<undefined>();
    const workflow = defineWorkflow('behind', async (_: string, ctx) => {
      const behind = later.promise.then(() => ctx.step('late', () => void done.push('late')));
      return Promise.all([ctx.request(Name, 'who?'), behind]);
    });
    await workflow.run('go');

    later.resolve(undefined);
    await later.promise.then(() => {});

    expect(done).toEqual([]);
  });

  it('waits for a step that is at work beside a question', async () => {
    const { promise, resolve } = createDeferred<string>();
    const workflow = defineWorkflow('both', async (_: string, ctx) => {
      const slow = ctx.step('slow', () => promise);
      const name = await ctx.request(Name, 'who?');
      return `${name} ${await slow}`;
    });

    const running = workflow.run('go');
    resolve('done');
    const asked = await running;
    const responses = { [asked.pendingRequests[0]?.id ?? '']: 'Al' };

    expect((await workflow.resume({ responses })).outputs).toEqual(['Al done']);
  });

  it('tells what a step emits once, as it comes', async () => {
    const Progress = defineEvent('progress', z.object({ done: z.number() }));
    const workflow = defineWorkflow('telling', async (_: string, ctx) => {
      await ctx.step('work', ({ emit }) => emit(Progress({ done: 1 })));
      await ctx.request(Name, 'who?');
      return 'end';
    });

    const stream = workflow.stream('go');
    const first: string[] = [];
    for await (const { type } of stream) first.push(type);
    const { pendingRequests } = await stream.result;
    const resumed = workflow.streamResume({ responses: { [pendingRequests[0]?.id ?? '']: 'Al' } });
    const second: string[] = [];
    for await (const { type } of resumed) second.push(type);

    expect(first.filter((type) => type === 'progress')).toHaveLength(1);
    expect(second).not.toContain('progress');
  });

  it('gives a step the same key whenever it is run again', async () => {
    const store = new MemoryCheckpointStore();
    const keys: string[] = [];
    let isBroken = true;
    const workflow = defineWorkflow(
      'keyed',
      (_: string, ctx) =>
        ctx.step('pay', ({ idempotencyKey }) => {
          keys.push(idempotencyKey);
          if (isBroken) throw new Error('no network');
          return 'paid';
        }),
      { checkpoints: store },
    );

    const failed = await causeOf(workflow.run('go'));
    isBroken = false;
    const result = await workflow.resume();

    expect(failed).toMatchObject({ message: 'no network' });
    expect(result.outputs).toEqual(['paid']);
    expect(keys[1]).toBe(keys[0]);
  });

  it('does a step again that failed, and none that had finished before', async () => {
    const store = new MemoryCheckpointStore();
    const done: string[] = [];
    let isBroken = true;
    const build = () =>
      defineWorkflow(
        'steps',
        async (_: string, ctx) => {
          const one = await ctx.step('one', () => {
            done.push('one');
            return 1;
          });
          const two = await ctx.step('two', () => {
            done.push('two');
            if (isBroken) throw new Error('broken');
            return 2;
          });
          return one + two;
        },
        { checkpoints: store, threadId: 'thread' },
      );
    await causeOf(build().run('go'));
    isBroken = false;

    const result = await build().resume({ threadId: 'thread' });

    expect(result.outputs).toEqual([3]);
    expect(done).toEqual(['one', 'two', 'two']);
  });

  it('P1: keeps finished steps without a store, when an answer is given again', async () => {
    const done: string[] = [];
    let isBroken = true;
    const workflow = defineWorkflow('again', async (_: string, ctx) => {
      const name = await ctx.request(Name, 'who?');
      await ctx.step('once', () => void done.push(`once ${name}`));
      await ctx.step('twice', () => {
        if (isBroken) throw new Error('broken');
      });
      return name;
    });
    const { pendingRequests } = await workflow.run('go');
    const responses = { [pendingRequests[0]?.id ?? '']: 'Al' };

    await causeOf(workflow.resume({ responses }));
    isBroken = false;
    const result = await workflow.resume({ responses });

    expect(result.outputs).toEqual(['Al']);
    expect(done).toEqual(['once Al']);
  });

  it('throws again in a replay what a step had thrown', async () => {
    const workflow = defineWorkflow('catching', async (_: string, ctx) => {
      const problem = await ctx
        .step('fails', () => {
          throw new Error('first time');
        })
        .catch((error: unknown) => String(error));
      const name = await ctx.request(Name, 'who?');
      return `${problem} ${name}`;
    });

    const { pendingRequests } = await workflow.run('go');
    const result = await workflow.resume({
      responses: { [pendingRequests[0]?.id ?? '']: 'Al' },
    });

    expect(result.outputs).toEqual(['Error: first time Al']);
  });

  it('freezes what a step came to, since a replay gives it again', async () => {
    const workflow = defineWorkflow('mutating', async (_: string, ctx) => {
      const list = await ctx.step('list', () => [1]);
      list.push(2);
      return list;
    });

    expect(await causeOf(workflow.run('go'))).toBeInstanceOf(TypeError);
  });

  it('runs several inputs beside each other', async () => {
    const done: string[] = [];
    const workflow = buildPublish(done);
    await workflow.run('bees');
    const { pendingRequests } = await workflow.run('ants');

    const responses = Object.fromEntries(pendingRequests.map(({ id }) => [id, true]));
    const result = await workflow.resume({ responses });

    expect(result.outputs).toEqual(['published about bees', 'published about ants']);
  });

  it('forgets all when it is reset', async () => {
    const workflow = buildPublish([]);
    const { pendingRequests } = await workflow.run('bees');

    await workflow.resetForNewRun();

    const late = workflow.resume({ responses: { [pendingRequests[0]?.id ?? '']: true } });
    await expect(late).rejects.toMatchObject({ code: 'request/stale' });
    expect((await workflow.run('ants')).pendingRequests).toHaveLength(1);
  });

  it('refuses an input that its schema does not take', async () => {
    const workflow = buildPublish([], { input: z.string() });

    await expect(workflow.run(7 as never)).rejects.toMatchObject({
      code: 'workflow/unsupported-input',
    });
  });

  it('cancels a step that is at work', async () => {
    const started = createDeferred<undefined>();
    const workflow = defineWorkflow('slow', (_: string, ctx) =>
      ctx.step('slow', ({ signal }) => {
        started.resolve(undefined);
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      }),
    );

    const stream = workflow.stream('go');
    await started.promise;
    await stream.cancel('enough');

    expect(workflow.status).toBe('cancelled');
  });
});

describe('a program that is replayed differently', () => {
  it.each([
    ['leaves a step out', ['b'], 'did not come by "a" again'],
    ['asks where it worked', ['a:request', 'b'], 'does a request as "a", which was a step'],
  ])('is refused when it %s, and nothing is lost', async (_, steps, problem) => {
    const store = new MemoryCheckpointStore();
    const build = (ids: readonly string[]) =>
      defineWorkflow(
        'changing',
        async (_input: string, ctx) => {
          for (const id of ids) {
            const [name = '', kind] = id.split(':');
            if (kind === 'request') await ctx.request(Name, 'who?', { id: name });
            else await ctx.step(name, () => 1);
          }
          return ctx.request(Name, 'at last?', { id: 'last' });
        },
        { checkpoints: store, threadId: 'thread' },
      );
    const { pendingRequests } = await build(['a', 'b']).run('go');
    const responses = { [pendingRequests[0]?.id ?? '']: 'Al' };

    const changed = build(steps).resume({ threadId: 'thread', responses });

    await expect(changed).rejects.toMatchObject({
      code: 'checkpoint/decode',
      cause: { code: 'workflow/program-changed', message: expect.stringContaining(problem) },
    });
    const result = await build(['a', 'b']).resume({ threadId: 'thread', responses });
    expect(result.outputs).toEqual(['Al']);
  });

  it('J3: is refused in the same process too', async () => {
    let passes = 0;
    const workflow = defineWorkflow('random', async (_: string, ctx) => {
      passes += 1;
      await ctx.step(`pass ${passes}`, () => 1);
      return ctx.request(Name, 'who?');
    });
    const { pendingRequests } = await workflow.run('go');

    const again = workflow.resume({ responses: { [pendingRequests[0]?.id ?? '']: 'Al' } });

    expect(await causeOf(again)).toMatchObject({
      code: 'workflow/program-changed',
      ids: ['pass 1'],
    });
  });

  it.each([
    ['an id twice', 'a', 'workflow/repeated-step'],
    ['an empty id', '', 'workflow/invalid-step'],
  ])('refuses %s', async (_, id, code) => {
    const workflow = defineWorkflow('twice', async (_input: string, ctx) => {
      await ctx.step('a', () => 1);
      await ctx.step(id, () => 2);
    });

    expect(await causeOf(workflow.run('go'))).toMatchObject({ code });
  });
});
