import { describe, expect, it } from 'vitest';

import { defineExecutor } from '../graph/executor-definition.ts';
import { createId } from '../primitives/ids.ts';
import { WorkflowBuilder } from '../workflow/workflow-builder.ts';
import { RunnerContext } from './runner-context.ts';

const { graph } = new WorkflowBuilder({
  name: 'flow',
  start: defineExecutor('start', () => {}),
  shared: { scores: { initial: () => [0] } },
}).build();

/** Everything of an instance but its executors and its conversation's name. */
const stateOf = ({ boundary, status, epoch }: RunnerContext): unknown => ({
  boundary,
  status,
  epoch,
});

const FRESH = {
  status: 'idle',
  boundary: {
    superstep: 0,
    step: 0,
    queue: [],
    edgeBuffers: new Map(),
    shared: new Map([['scores', [0]]]),
    pending: new Map(),
    answered: new Set(),
  },
};

describe('the state of an instance', () => {
  it('has nothing in it but the declared values', () => {
    expect(stateOf(new RunnerContext(graph, 'mine', createId))).toEqual({ ...FRESH, epoch: 0 });
  });

  it('C2: is that again after a reset, in another conversation, with executors of its own', async () => {
    const context = new RunnerContext(graph, 'mine', createId);
    const before = context.executors.get('start');
    context.begin('task');
    context.advance({
      superstep: 3,
      step: 4,
      queue: [{ sourceId: 'start', message: 'x' }],
      edgeBuffers: new Map([['edge', new Map()]]),
      shared: new Map([['scores', [1]]]),
      pending: new Map(),
      answered: new Set(['request']),
    });
    context.status = 'failed';

    const failures = await context.resetForNewRun({ warn: () => {}, debug: () => {} });

    expect(failures).toEqual([]);
    expect(stateOf(context)).toEqual({ ...FRESH, epoch: 1 });
    expect(context.threadId).not.toBe('mine');
    expect(context.executors.get('start')).not.toBe(before);
  });
});
