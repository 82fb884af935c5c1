import { defineExecutor, defineMessage, Executor, on, WorkflowBuilder } from '@colloquy/core';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

describe('a workflow', () => {
  it('runs a chain and can be read as a stream', async () => {
    const upper = defineExecutor('upper', (text: string) => text.toUpperCase());
    const reverse = defineExecutor('reverse', (text: string, ctx) =>
      ctx.yield([...text].reverse().join('')),
    );
    const workflow = new WorkflowBuilder({ name: 'shout', start: upper })
      .addEdge(upper, reverse)
      .build();

    const result = await workflow.run('hello');
    const stream = workflow.stream('again');
    const types: string[] = [];
    for await (const event of stream) types.push(`${event.seq} ${event.type}`);

    expect(result.outputs).toEqual(['OLLEH']);
    expect(result.state).toBe('idle');
    expect((await stream.result).outputs).toEqual(['NIAGA']);
    expect(types[0]).toBe('1 started');
    expect(types).toHaveLength(12);
  });
});

const ReportRequest = defineMessage('report.request');
const Stats = defineMessage(
  'stats',
  z.object({ seen: z.number(), flagged: z.number(), keywords: z.array(z.string()) }),
);
const KEYWORDS = ['spam', 'scam', 'phishing'];

const counter = defineExecutor('counter', {
  state: () => ({ seen: 0, flagged: 0, keywords: new Set<string>() }),
})
  .on(String, (text, ctx) => {
    ctx.state.seen += 1;
    const hits = KEYWORDS.filter((word) => text.toLowerCase().includes(word));
    if (hits.length > 0) ctx.state.flagged += 1;
    for (const hit of hits) ctx.state.keywords.add(hit);
  })
  .on(ReportRequest, (_, ctx) =>
    ctx.send(
      Stats({
        seen: ctx.state.seen,
        flagged: ctx.state.flagged,
        keywords: [...ctx.state.keywords].sort(),
      }),
    ),
  );

const reporter = defineExecutor('reporter', { state: () => ({ reports: 0 }) }).on(
  Stats,
  (stats, ctx) => {
    ctx.state.reports += 1;
    ctx.yield(
      `messages=${stats.seen}, flagged=${stats.flagged}, keywords=${stats.keywords.join('|') || 'none'}, reports=${ctx.state.reports}`,
    );
  },
);

describe('executors with several message types and state', () => {
  it('keep their state over runs and lose it at reset', async () => {
    const moderation = new WorkflowBuilder({
      name: 'moderation',
      start: counter,
      outputFrom: [reporter],
    })
      .addEdge(counter, reporter)
      .build();
    const lines: unknown[] = [];
    const report = async (): Promise<void> => {
      lines.push(...(await moderation.run(ReportRequest())).outputs);
    };

    for (const text of ['hello there', 'free phishing kit', 'lunch plans?']) {
      await moderation.run(text);
    }
    await report();
    for (const text of ['weekly status', 'team offsite', 'quarterly review']) {
      await moderation.run(text);
    }
    await report();
    await moderation.resetForNewRun();
    for (const text of ['weekly status', 'team offsite', 'quarterly review']) {
      await moderation.run(text);
    }
    await report();

    expect(lines).toEqual([
      'messages=3, flagged=1, keywords=phishing, reports=1',
      'messages=6, flagged=1, keywords=phishing, reports=2',
      'messages=3, flagged=0, keywords=none, reports=1',
    ]);
    // @ts-expect-error a number is nothing that the start executor takes
    await expect(moderation.run(42)).rejects.toThrow(/string, report.request/);
  });

  it('can be classes', async () => {
    class Counter extends Executor {
      #seen = 0;
      readonly handlers = [on(String, (text, ctx) => this.#inspect(text, ctx))];
      constructor() {
        super('counter');
      }
      override reset() {
        this.#seen = 0;
      }
      override onCheckpointSave() {
        return { seen: this.#seen };
      }
      override onCheckpointRestore(state: { seen: number }) {
        this.#seen = state.seen;
      }
      #inspect(text: string, ctx: { yield(value: unknown): void }) {
        this.#seen += 1;
        ctx.yield(`${text} ${this.#seen}`);
      }
    }
    const workflow = new WorkflowBuilder({ name: 'count', start: () => new Counter() }).build();

    await workflow.run('a');
    const second = await workflow.run('b');
    await workflow.resetForNewRun();
    const third = await workflow.run('c');

    expect([second.outputs, third.outputs]).toEqual([['b 2'], ['c 1']]);
  });

  it('are connected by every kind of edge', async () => {
    type Item = { ok: boolean; text: string };
    const a = defineExecutor('a', (text: string) => ({ ok: true, text }));
    const pass = (id: string) => defineExecutor(id, (item: Item) => item);
    const [b, c, d, x, y, zed] = ['b', 'c', 'd', 'x', 'y', 'z'].map(pass) as [
      ReturnType<typeof pass>,
      ReturnType<typeof pass>,
      ReturnType<typeof pass>,
      ReturnType<typeof pass>,
      ReturnType<typeof pass>,
      ReturnType<typeof pass>,
    ];
    const join = defineExecutor('join', (items: readonly Item[]) => items);
    const trash = defineExecutor('trash', (_items: readonly Item[], ctx) => ctx.yield('trash'));
    const inbox = defineExecutor('inbox', (items: readonly Item[], ctx) =>
      ctx.yield(items.map(({ text }) => text)),
    );
    const workflow = new WorkflowBuilder({
      name: 'all',
      start: a,
      maxSupersteps: 100,
      maxConcurrency: 8,
    })
      .addEdge(a, b, { when: (message) => message.ok })
      .addChain([b, c, d])
      .addFanOut(d, [x, y, zed])
      .addFanOut(d, [x, y, zed], { select: () => ['x', 'z'] })
      .addFanIn([x, y, zed], join)
      .addSwitch(join, [{ when: (messages) => messages.length === 0, to: trash }, { to: inbox }])
      .build();

    const result = await workflow.run('m');

    expect(result.outputs).toEqual([['m', 'm', 'm', 'm', 'm']]);
  });
});
