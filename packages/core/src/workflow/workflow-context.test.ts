import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { settleTurns } from '../../test/deferred.ts';
import { eventsOf, ofType } from '../../test/run-events.ts';
import { defineEvent } from '../events/custom-event.ts';
import { defineExecutor } from '../graph/executor-definition.ts';
import { WorkflowBuilder } from './workflow-builder.ts';

const source = defineExecutor('source', (message: unknown) => message);

describe('ctx.shared', () => {
  it("shows others' writes from the next superstep on, and one's own at once", async () => {
    const writer = defineExecutor('writer', (_message: unknown, ctx) => {
      ctx.shared.set('key', 'written');
      ctx.yield(['writer', ctx.shared.get('key')]);
      return 'next';
    });
    const reader = defineExecutor('reader', async (_message: unknown, ctx) => {
      await Promise.resolve();
      ctx.yield(['reader', ctx.shared.get('key')]);
    });
    const later = defineExecutor('later', (_message: unknown, ctx) =>
      ctx.yield(['later', ctx.shared.get('key')]),
    );
    const workflow = new WorkflowBuilder({ name: 'shared', start: source })
      .addFanOut(source, [writer, reader])
      .addEdge(writer, later)
      .build();

    const { outputs } = await workflow.run('go');

    expect(outputs).toEqual([
      ['writer', 'written'],
      ['reader', undefined],
      ['later', 'written'],
    ]);
  });

  const writing = (id: string) =>
    defineExecutor(id, (_message: unknown, ctx) => {
      ctx.shared.set('names', [id]);
      return id;
    });
  const reading = defineExecutor('reading', (_message: unknown, ctx) =>
    ctx.yield(ctx.shared.get('names')),
  );
  const [a, b] = [writing('a'), writing('b')];

  it('warns where two executors write one key, and lets the last in declared order win', async () => {
    const workflow = new WorkflowBuilder({ name: 'conflict', start: source })
      .addFanOut(source, [a, b])
      .addEdge(a, reading)
      .build();

    const events = await eventsOf(workflow, 'go');

    expect(ofType(events, 'warning', 'output')).toEqual([
      {
        type: 'warning',
        code: 'shared-conflict',
        message:
          'Several executors wrote the shared key "names" in one superstep; the last in declared order won. Declare a reducer for it in the builder\'s shared option.',
      },
      { type: 'output', executorId: 'reading', data: ['b'] },
    ]);
  });

  it('joins the writes of several executors with the declared reducer', async () => {
    const names = {
      initial: (): readonly string[] => ['none'],
      reduce: (left: readonly string[], right: readonly string[]) => [...left, ...right],
    };
    const workflow = new WorkflowBuilder({ name: 'reduced', start: source, shared: { names } })
      .addFanOut(source, [a, b])
      .addEdge(b, reading)
      .build();

    const events = await eventsOf(workflow, 'go');

    expect(ofType(events, 'warning', 'output')).toEqual([
      { type: 'output', executorId: 'reading', data: ['none', 'a', 'b'] },
    ]);
  });

  it('keeps its values over runs until a reset', async () => {
    const counter = defineExecutor('counter', (_message: unknown, ctx) => {
      ctx.yield(ctx.shared.get('count'));
      ctx.shared.set('count', 1);
    });
    const count = { initial: () => 0, reduce: (left: number, right: number) => left + right };
    const workflow = new WorkflowBuilder({
      name: 'count',
      start: counter,
      shared: { count },
    }).build();

    const outputs: unknown[] = [];
    for (const reset of [false, false, true]) {
      if (reset) await workflow.resetForNewRun();
      outputs.push(...(await workflow.run('go')).outputs);
    }

    expect(outputs).toEqual([0, 1, 0]);
  });

  it('commits nothing of a superstep that failed', async () => {
    const start = defineExecutor('start', (message: unknown, ctx) => {
      ctx.yield(ctx.shared.get('key'));
      ctx.shared.set('key', message);
      if (message === 'bad') throw new Error('boom');
    });
    const workflow = new WorkflowBuilder({ name: 'discard', start }).build();
    await workflow.run('good');
    await workflow.run('bad').catch(() => {});

    const { outputs } = await workflow.run('again');

    expect(outputs).toEqual(['good']);
  });
});

describe('a context whose handler has ended', () => {
  it('ignores sends, yields, writes and events, also while its executor handles the next message', async () => {
    const Late = defineEvent('late');
    const twice = defineExecutor('twice', (_message: unknown, ctx) => {
      ctx.send(1);
      ctx.send(2);
    });
    let tooLate = (): void => {};
    const careless = defineExecutor('careless', async (message: unknown, ctx) => {
      tooLate();
      tooLate = () => {
        ctx.send('late');
        ctx.yield('late');
        ctx.shared.set('key', 'late');
        ctx.shared.delete('other');
        ctx.emit(Late());
        ctx.setStopReason({ code: 'late' });
        ctx.reportUsage({ inputTokens: 1, outputTokens: 1, totalTokens: 2 });
      };
      await Promise.resolve();
      ctx.yield([message, ctx.shared.get('key')]);
    });
    const workflow = new WorkflowBuilder({ name: 'late', start: twice })
      .addEdge(twice, careless)
      .build();

    const stream = workflow.stream('go');
    const types: string[] = [];
    for await (const { type } of stream) types.push(type);
    const { outputs, stopReason, usage } = await stream.result;

    expect({ outputs, stopReason, usage, emitted: types.includes('late') }).toEqual({
      outputs: [
        [1, undefined],
        [2, undefined],
      ],
      stopReason: { code: 'completed' },
      usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
      emitted: false,
    });
  });
});

describe('ctx', () => {
  it('says who is running what', async () => {
    const told = defineExecutor('told', (_message: unknown, ctx) => {
      const { executorId, sourceIds, superstep, streaming, runContext } = ctx;
      ctx.yield({ executorId, sourceIds, superstep, streaming, runContext });
    });
    const workflow = new WorkflowBuilder({ name: 'told', start: source })
      .addEdge(source, told)
      .build();

    const { outputs } = await workflow.run('go', { runContext: { token: 't' } });

    expect(outputs).toEqual([
      {
        executorId: 'told',
        sourceIds: ['source'],
        superstep: 2,
        streaming: false,
        runContext: { token: 't' },
      },
    ]);
  });

  it('names no source for the input of the run', async () => {
    const start = defineExecutor('start', (_message: unknown, ctx) => ctx.yield(ctx.sourceIds));
    const workflow = new WorkflowBuilder({ name: 'input', start }).build();

    expect((await workflow.run('go')).outputs).toEqual([[]]);
  });

  it('has another idempotency key for every message', async () => {
    const twice = defineExecutor('twice', (_message: unknown, ctx) => {
      ctx.send(1);
      ctx.send(2);
    });
    const keyed = defineExecutor('keyed', (_message: unknown, ctx) => {
      ctx.yield(ctx.idempotencyKey);
      return 'once more';
    });
    const more = defineExecutor('more', (_message: unknown, ctx) => ctx.yield(ctx.idempotencyKey));
    const workflow = new WorkflowBuilder({ name: 'keys', start: twice })
      .addEdge(twice, keyed)
      .addEdge(keyed, more)
      .build();

    const { outputs } = await workflow.run('go');

    expect(new Set(outputs).size).toBe(4);
  });

  it('sums the usage and keeps the last stop reason', async () => {
    const spend = (id: string, tokens: number) =>
      defineExecutor(id, (_message: unknown, ctx) => {
        ctx.reportUsage({ inputTokens: tokens, outputTokens: 0, totalTokens: tokens });
        ctx.reportUsage({ inputTokens: 0, outputTokens: 1, totalTokens: 1 });
        ctx.setStopReason({ code: id });
        return 'on';
      });
    const [a, b] = [spend('a', 10), spend('b', 20)];
    const workflow = new WorkflowBuilder({ name: 'usage', start: a }).addEdge(a, b).build();

    const { usage, stopReason } = await workflow.run('go');

    expect({ usage, stopReason }).toEqual({
      usage: { inputTokens: 30, outputTokens: 2, totalTokens: 32 },
      stopReason: { code: 'b' },
    });
  });

  it('emits events of the workflow’s own, with who emitted them', async () => {
    const Progress = defineEvent('progress', z.object({ percent: z.number() }));
    const start = defineExecutor('start', { emits: [Progress] }).on(String, (_text, ctx) =>
      ctx.emit(Progress({ percent: 40 })),
    );
    const workflow = new WorkflowBuilder({ name: 'emit', start }).build();

    const events = await eventsOf(workflow, 'go');

    expect(ofType(events, 'progress')).toEqual([
      { type: 'progress', percent: 40, executorId: 'start' },
    ]);
  });

  it.each([
    ["an event of the engine's", { type: 'output', data: 'counterfeit' }],
    ['an event without a type', {}],
    ['nothing', undefined],
  ])('refuses to emit %s', async (_, event) => {
    const start = defineExecutor('start', (_message: unknown, ctx) => ctx.emit(event as never));
    const workflow = new WorkflowBuilder({ name: 'emit', start }).build();

    await expect(workflow.run('go')).rejects.toMatchObject({
      cause: { code: 'event/invalid' },
    });
  });

  it('lets timers have their turn in a loop that never waits', async () => {
    const loop = defineExecutor('loop', (message: unknown) => message);
    const workflow = new WorkflowBuilder({ name: 'loop', start: loop, maxSupersteps: Infinity })
      .addEdge(loop, loop)
      .build();
    const stream = workflow.stream('go');
    await settleTurns();

    await stream.cancel();

    expect(workflow.status).toBe('cancelled');
  });
});
