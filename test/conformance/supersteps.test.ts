import { defineExecutor, WorkflowBuilder } from '@colloquy/core';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import {
  type ComparableRun,
  expectedRun,
  observedRun,
  partialOrderOf,
  readSteps,
  type ReferenceStep,
} from './reference-trace.ts';

const upper = defineExecutor('upper').on(String, (text) => text.toUpperCase());
const reverse = defineExecutor('reverse').on(String, (text, ctx) =>
  ctx.yield([...text].reverse().join('')),
);

function buildChain() {
  return new WorkflowBuilder({ name: 'chain', start: upper }).addEdge(upper, reverse).build();
}

describe('the reference trace of a chain (C01)', () => {
  it('matches in two runs of one instance', async () => {
    const steps = readSteps('c01-chain');
    const workflow = buildChain();

    const runs: ComparableRun[] = [];
    for (const step of steps) runs.push(await observedRun(workflow, step));

    expect(runs).toEqual(steps.map((step) => expectedRun(step)));
  });
});

/** The reference's result lists events without `started`, and `status` only where it was asked for. */
function withoutStatus(run: ComparableRun, step: ReferenceStep): ComparableRun {
  const isListed = (type: string): boolean =>
    type !== 'started' && (type !== 'status' || step.include_status_events === true);
  return { ...run, events: run.events.filter(({ type }) => isListed(type)) };
}

describe('the reference trace of a chain that is awaited (C02)', () => {
  it.each(readSteps('c02-chain-nonstream'))('matches in $step', async (step) => {
    const run = await observedRun(buildChain(), step);

    expect(withoutStatus(run, step)).toEqual(expectedRun(step));
  });

  it.each(readSteps('c02-chain-nonstream'))('has the same result in $step', async (step) => {
    const { outputs, intermediates, state } = await buildChain().run(String(step.input));

    const { events: _, ...expected } = expectedRun(step);
    expect({ outputs, intermediates, state }).toEqual(expected);
  });
});

/** Resolves promises in an order that the test chooses. */
interface Gate {
  readonly open: () => void;
  readonly opened: Promise<void>;
}

function createGate(): Gate {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

const aggregate = defineExecutor('agg').on(z.array(z.number()), (values, ctx) => ctx.yield(values));
const numbers = defineExecutor('src').on(Number, (value) => value);

describe('the reference trace of a fan-out and fan-in (C03)', () => {
  it.each(readSteps('c03-fanout-fanin-order'))('matches in $step', async (step) => {
    const [second, third] = [createGate(), createGate()];
    const w1 = defineExecutor('w1').on(Number, async (value) => {
      await second.opened;
      return value * 10;
    });
    const w2 = defineExecutor('w2').on(Number, async (value) => {
      await third.opened;
      second.open();
      return value * 100;
    });
    const w3 = defineExecutor('w3').on(Number, (value) => {
      third.open();
      return value * 1000;
    });
    const workflow = new WorkflowBuilder({ name: 'fan', start: numbers })
      .addFanOut(numbers, [w1, w2, w3])
      .addFanIn([w1, w2, w3], aggregate)
      .build();

    const { events, ...run } = await observedRun(workflow, step);

    const { events: expectedEvents, ...expected } = expectedRun(step);
    expect(partialOrderOf(events)).toEqual(partialOrderOf(expectedEvents));
    expect(run).toEqual(expected);
  });

  it.each(readSteps('c03b-fanin-reversed-sources'))(
    'matches with other sources first in $step',
    async (step) => {
      const times = (id: string, factor: number) =>
        defineExecutor(id).on(Number, (value) => value * factor);
      const [w1, w2, w3] = [times('w1', 10), times('w2', 100), times('w3', 1000)];
      const workflow = new WorkflowBuilder({ name: 'fan', start: numbers })
        .addFanOut(numbers, [w1, w2, w3])
        .addFanIn([w3, w1, w2], aggregate)
        .build();

      const run = await observedRun(workflow, step);

      expect(run).toEqual(expectedRun(step));
    },
  );
});

/** Counts up, and yields at the limit. */
const counting = (id: string, limit: number) =>
  defineExecutor(id).on(Number, (value, ctx) => {
    if (value >= limit) ctx.yield(value);
    else ctx.send(value + 1);
  });

describe('the reference trace of a loop', () => {
  it.each(readSteps('c08-loop'))('matches between two executors (C08) in $step', async (step) => {
    const [a, b] = [counting('a', 6), counting('b', 6)];
    const workflow = new WorkflowBuilder({ name: 'loop', start: a })
      .addEdge(a, b)
      .addEdge(b, a)
      .build();

    const run = await observedRun(workflow, step);

    expect(run).toEqual(expectedRun(step));
  });

  it.each(readSteps('c24-self-loop'))('matches on one executor (C24) in $step', async (step) => {
    const a = counting('a', 3);
    const workflow = new WorkflowBuilder({ name: 'loop', start: a }).addEdge(a, a).build();

    const run = await observedRun(workflow, step);

    expect(run).toEqual(expectedRun(step));
  });
});

function buildFailing() {
  const a = defineExecutor('a').on(String, (text) => text);
  const bad = defineExecutor('bad').on(String, (text) => {
    throw new Error(`boom ${text}`);
  });
  const ok = defineExecutor('ok').on(String, (text, ctx) => ctx.yield(text));
  return new WorkflowBuilder({ name: 'failing', start: a }).addEdge(a, bad).addEdge(a, ok).build();
}

describe('the reference trace of a failing executor (C16)', () => {
  it('matches in two runs of one instance', async () => {
    const steps = readSteps('c16-failure-second-executor').filter(({ mode }) => mode === 'stream');
    const workflow = buildFailing();

    const runs: ComparableRun[] = [];
    for (const step of steps)
      runs.push(await observedRun(workflow, step, `boom ${String(step.input)}`));

    expect(runs).toEqual(steps.map((step) => expectedRun(step, `boom ${String(step.input)}`)));
  });

  it('rejects where the run is awaited', async () => {
    const step = readSteps('c16-failure-second-executor').find(({ mode }) => mode !== 'stream');

    const run = buildFailing().run(String(step?.input));

    await expect(run).rejects.toThrow(step?.raised?.message);
  });
});

describe('the reference trace of executors beside each other (C25)', () => {
  it.each(readSteps('c25-parallel-event-order'))('matches in $step', async (step) => {
    const start = defineExecutor('src').on(String, (text) => text);
    const branch = (id: string) =>
      defineExecutor(id).on(String, (_text, ctx) => {
        ctx.yield(id);
        return id;
      });
    const end = (id: string) =>
      defineExecutor(`sink_${id}`).on(String, (text, ctx) => ctx.yield(`sink ${text}`));
    const [a, b, c] = [branch('a'), branch('b'), branch('c')];
    const workflow = new WorkflowBuilder({ name: 'parallel', start })
      .addFanOut(start, [a, b, c])
      .addEdge(a, end('a'))
      .addEdge(b, end('b'))
      .addEdge(c, end('c'))
      .build();

    const run = await observedRun(workflow, step);

    expect(run).toEqual(expectedRun(step));
  });
});

describe('the reference trace of the barrier (C35)', () => {
  it.each(readSteps('c35-superstep-barrier'))('matches in $step', async (step) => {
    const log: string[] = [];
    const fastIsDone = createGate();
    const start = defineExecutor('src').on(String, (text) => text);
    const fast = defineExecutor('fast').on(String, (text) => {
      log.push('fast done');
      fastIsDone.open();
      return text;
    });
    const slow = defineExecutor('slow').on(String, async () => {
      await fastIsDone.opened;
      // A macrotask later, a barrier that did not hold would long have let the next one start.
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      log.push('slow done');
    });
    const next = defineExecutor('next').on(String, () => {
      log.push('next start');
    });
    const workflow = new WorkflowBuilder({ name: 'barrier', start })
      .addFanOut(start, [fast, slow])
      .addEdge(fast, next)
      .build();

    const { events, ...run } = await observedRun(workflow, step);

    const { events: expectedEvents, ...expected } = expectedRun(step);
    expect(partialOrderOf(events)).toEqual(partialOrderOf(expectedEvents));
    expect(run).toEqual(expected);
    expect(log).toEqual(['fast done', 'slow done', 'next start']);
  });
});
