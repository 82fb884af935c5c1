import assert from 'node:assert/strict';

import {
  defineExecutor,
  type Executor,
  type ExecutorDefinition,
  MemoryCheckpointStore,
  type Workflow,
  WorkflowBuilder,
  type WorkflowOptions,
} from '@colloquy/core';

import { type ConformanceCase } from './checkpoint-store-suite.ts';
import { messageOfError, observeRun } from './observed-run.ts';
import { virtualClock } from './time/virtual-clock.ts';

/** An executor, and what to give it. */
export interface ExecutorSuiteOptions {
  /** A definition, or what makes a new instance each time. */
  readonly executor: ExecutorDefinition<unknown> | (() => Executor);
  /** Messages that it takes, one a run; at least two where it remembers something. */
  readonly inputs: readonly [unknown, ...unknown[]];
}

/**
 * The promises of an executor as cases for any test runner:
 * `for (const { name, run } of executorSuite({ executor, inputs })) test(name, run)`.
 *
 * Each case gives it the inputs, in workflows of its own, and looks at what it sends, yields, asks and tells.
 */
export function executorSuite(options: ExecutorSuiteOptions): readonly ConformanceCase[] {
  return Object.entries(CASES).map(([name, check]) => ({ name, run: () => check(options) }));
}

/** Long enough that nothing but an ignored signal waits for it. */
const GRACE_MS = 60_000;

/** A workflow of the executor and of one who hears everything. */
function build({ executor }: ExecutorSuiteOptions, options: WorkflowOptions = {}): Workflow {
  const listener = defineExecutor('suite_listener', (message: unknown, context) =>
    context.yield({ heard: message }),
  );
  return new WorkflowBuilder({
    name: 'suite',
    start: executor,
    logger: { warn: () => {}, debug: () => {} },
    graceMs: GRACE_MS,
    ...options,
  })
    .addEdge(executor, listener)
    .build();
}

/** Runs inputs one after another; gives what can be seen of each run. */
async function observe(workflow: Workflow, inputs: readonly unknown[]): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (const input of inputs) {
    const { events, error } = await observeRun(workflow.stream(input));
    seen.push([...events, messageOfError(error)]);
  }
  return seen;
}

const CASES: Readonly<Record<string, (options: ExecutorSuiteOptions) => Promise<void>>> = {
  'takes its inputs, and tells what it does': async (options) => {
    for (const input of options.inputs) {
      const { error } = await observeRun(build(options).stream(input));
      assert.equal(messageOfError(error), undefined);
    }
  },
  'does the same whenever it begins anew': async (options) => {
    const first = await observe(build(options), options.inputs);
    assert.deepEqual(await observe(build(options), options.inputs), first);
  },
  'is as new after a reset': async (options) => {
    const workflow = build(options);
    const first = await observe(workflow, options.inputs);
    await workflow.resetForNewRun();
    assert.deepEqual(await observe(workflow, options.inputs), first);
  },
  'is as new after a reset of a run that was cancelled': async (options) => {
    const first = await observe(build(options), options.inputs);
    const workflow = build(options);
    const run = workflow.stream(options.inputs[0]);
    for await (const { type } of run) if (type === 'executor_invoked') break;
    await workflow.resetForNewRun();
    assert.deepEqual(await observe(workflow, options.inputs), first);
  },
  'shares nothing with other instances': async (options) => {
    const first = await observe(build(options), options.inputs);
    const workflow = build(options);
    await observe(workflow, options.inputs);
    assert.deepEqual(await observe(workflow.fork(), options.inputs), first);
  },
  'carries its state in a checkpoint': async (options) => {
    const whole = await observe(build(options), options.inputs);
    for (const [index] of options.inputs.entries()) {
      const checkpoints = new MemoryCheckpointStore();
      const before = build(options, { checkpoints, threadId: 'suite' });
      await before.run(options.inputs[0]);
      for (const input of options.inputs.slice(1, index + 1)) await before.run(input);
      const after = build(options);
      await after.resume({ threadId: 'suite', checkpoints });
      const rest = options.inputs.slice(index + 1);
      assert.deepEqual(await observe(after, rest), whole.slice(index + 1));
    }
  },
  'changes nothing of what it is given': async (options) => {
    const inputs = structuredClone(options.inputs);
    await observe(build(options), options.inputs);
    assert.deepEqual(options.inputs, inputs);
  },
  'ends when its signal aborts': async (options) => {
    const clock = virtualClock();
    const run = build(options, { clock }).stream(options.inputs[0]);
    const cancel = async (): Promise<void> => {
      for await (const { type } of run) if (type === 'executor_invoked') break;
    };
    await clock.runUntil(cancel());
    assert.ok(clock.now() < GRACE_MS, 'expected it to heed context.signal, but it did not end');
  },
};
