import { defineExecutor, WorkflowBuilder, WorkflowValidationError } from '@colloquy/core';
import { describe, expect, it } from 'vitest';

import { expectedRun, observedRun, readSteps } from './reference-trace.ts';

/** Passes a number on. */
const source = defineExecutor('src').on(Number, (value) => value);

/** Yields the number it gets. */
const sink = (id: string) => defineExecutor(id).on(Number, (value, ctx) => ctx.yield(value));

describe('the reference trace of a switch (C06)', () => {
  it.each(readSteps('c06-switch-case'))('matches in $step', async (step) => {
    const workflow = new WorkflowBuilder({ name: 'switch', start: source })
      .addSwitch(source, [
        { when: (value) => value < 0, to: sink('neg') },
        { when: (value) => value % 2 === 0, to: sink('even') },
        { when: (value) => value === 4, to: sink('four') },
        { to: sink('other') },
      ])
      .build();

    const run = await observedRun(workflow, step);

    expect(run).toEqual(expectedRun(step));
  });
});

function selectTargets(value: number): readonly string[] {
  if (value < 10) return ['a'];
  if (value < 100) return ['a', 'b'];
  if (value === 500) return [];
  return value === 999 ? ['zzz'] : ['c', 'a'];
}

describe('the reference trace of a multi-selection (C07)', () => {
  it.each(readSteps('c07-multi-selection'))('matches in $step', async (step) => {
    const workflow = new WorkflowBuilder({ name: 'selection', start: source })
      .addFanOut(source, [sink('a'), sink('b'), sink('c')], { select: selectTargets })
      .build();

    const run = await observedRun(workflow, step, 'zzz');

    expect(run).toEqual(expectedRun(step, 'zzz'));
  });
});

describe('the reference trace of targeted messages (C10)', () => {
  it.each(readSteps('c10-targeted-send'))('matches in $step', async (step) => {
    const sender = defineExecutor('src').on(String, (_text, ctx) => {
      ctx.send('to-b', { target: 'b' });
      ctx.send('to-x', { target: 'x' });
      ctx.send('to-nobody', { target: 'ghost' });
      ctx.send('all');
    });
    const named = (id: string) =>
      defineExecutor(id).on(String, (text, ctx) => ctx.yield(`${id}:${text}`));
    const workflow = new WorkflowBuilder({ name: 'targets', start: sender })
      .addEdge(sender, named('a'))
      .addEdge(sender, named('b'))
      .addFanOut(sender, [named('x'), named('y')])
      .build();

    const run = await observedRun(workflow, step);

    expect(run).toEqual(expectedRun(step));
  });
});

describe('the reference trace of conditional edges (C11)', () => {
  it.each(readSteps('c11-conditional-edges'))('matches in $step', async (step) => {
    const workflow = new WorkflowBuilder({ name: 'conditions', start: source })
      .addEdge(source, sink('a'), { when: (value) => value > 0 })
      .addEdge(source, sink('b'), { when: async (value) => value > 10 })
      .build();

    const run = await observedRun(workflow, step);

    expect(run).toEqual(expectedRun(step));
  });
});

describe('the reference trace of routing by type (C12)', () => {
  it.each(readSteps('c12-type-routing'))('matches in $step', async (step) => {
    const sender = defineExecutor('src').on(String, (_text, ctx) => {
      ctx.send(1);
      ctx.send('one');
    });
    const strings = defineExecutor('strs').on(String, (text, ctx) => ctx.yield(text));
    const workflow = new WorkflowBuilder({ name: 'types', start: sender })
      .addEdge(sender, sink('ints'))
      .addEdge(sender, strings)
      .build();

    const run = await observedRun(workflow, step);

    expect(run).toEqual(expectedRun(step));
  });
});

const relay = (id: string) =>
  defineExecutor(id).on(String, (text, ctx) => {
    ctx.yield(`${id}:${text}`);
    return text;
  });
const last = defineExecutor('c').on(String, (text, ctx) => ctx.yield(`c:${text}`));
const [first, middle] = [relay('a'), relay('b')];

/** How each recorded step of C20 chooses its outputs. */
const SELECTIONS = new Map([
  ['output c, intermediate b, hidden a', { outputFrom: [last], intermediateFrom: [middle] }],
  ['omitted', {}],
  ['all_other', { outputFrom: [last], intermediateFrom: 'all_other' as const }],
  ['only intermediate a', { intermediateFrom: [first] }],
  ['empty explicit', { outputFrom: [], intermediateFrom: [] }],
  ['overlap', { outputFrom: [first], intermediateFrom: [first] }],
  ['duplicate', { outputFrom: [first, first] }],
]);

function buildDesignated(step: string) {
  const selection = SELECTIONS.get(step);
  if (selection === undefined) throw new Error(`No selection for the recorded step "${step}".`);
  return new WorkflowBuilder({ name: 'designation', start: first, ...selection })
    .addChain([first, middle, last])
    .build();
}

describe('the reference trace of output designation (C20)', () => {
  const steps = readSteps('c20-output-designation');

  it.each(steps.filter(({ raised }) => raised === undefined))(
    'matches with $step',
    async (step) => {
      const run = await observedRun(buildDesignated(step.step), step);

      expect(run).toEqual(expectedRun(step));
    },
  );

  it.each(steps.filter(({ raised }) => raised !== undefined))('refuses $step', ({ step }) => {
    expect(() => buildDesignated(step)).toThrow(WorkflowValidationError);
  });
});
