import {
  Agent,
  agentExecutor,
  defineExecutor,
  Executor,
  type Handler,
  on,
  subWorkflow,
  WorkflowBuilder,
} from '@colloquy/core';
import { describe, expect, it } from 'vitest';

import { executorSuite, type ExecutorSuiteOptions } from './executor-suite.ts';
import { scripted } from './scripted.ts';

const counting = defineExecutor('counting', { state: () => ({ count: 0 }) }).on(
  String,
  (text, ctx) => {
    ctx.state.count += 1;
    ctx.yield(`${text} ${ctx.state.count}`);
    return text;
  },
);

class Counter extends Executor {
  count = 0;
  readonly handlers: readonly Handler[] = [
    on(String, (_text, ctx) => {
      this.count += 1;
      ctx.yield(this.count);
    }),
  ];

  constructor() {
    super('counter');
  }

  override reset(): void {
    this.count = 0;
  }

  override onCheckpointSave(): unknown {
    return this.count;
  }

  override onCheckpointRestore(state: unknown): void {
    this.count = Number(state);
  }
}

const inner = new WorkflowBuilder({ name: 'inner', start: counting }).build();
const agent = new Agent({
  name: 'ada',
  client: scripted(
    Array.from(
      { length: 60 },
      () =>
        ({ messages }) =>
          `heard ${messages.length}`,
    ),
  ),
});

const GOOD: Readonly<Record<string, ExecutorSuiteOptions>> = {
  'a definition with state': { executor: counting, inputs: ['a', 'b', 'c'] },
  'a class with state': { executor: () => new Counter(), inputs: ['a', 'b'] },
  'an agent': { executor: agentExecutor(agent), inputs: ['a', 'b'] },
  'a sub-workflow that remembers': {
    executor: subWorkflow(inner, { id: 'sub', isolation: 'shared' }),
    inputs: ['a', 'b'],
  },
  'a sub-workflow for each message': { executor: subWorkflow(inner, { id: 'sub' }), inputs: ['a'] },
};

describe.each(Object.entries(GOOD))('%s', (_, options) => {
  it.each(executorSuite(options))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

class Stubborn extends Counter {
  override reset(): void {}
}

class Forgetful extends Counter {
  override onCheckpointSave(): unknown {
    return 0;
  }
}

let global = 0;
const shared = new Counter();

const BROKEN: Readonly<Record<string, ExecutorSuiteOptions>> = {
  'survives its reset': { executor: () => new Stubborn(), inputs: ['a', 'b'] },
  'forgets its state in a checkpoint': { executor: () => new Forgetful(), inputs: ['a', 'b'] },
  'is the same in every workflow': { executor: () => shared, inputs: ['a', 'b'] },
  'counts beside its state': {
    executor: defineExecutor('leaky', (_text: string, ctx) => {
      global += 1;
      ctx.yield(global);
    }),
    inputs: ['a'],
  },
  'changes its input': {
    executor: defineExecutor('rude', (value: { count: number }) => {
      value.count += 1;
    }),
    inputs: [{ count: 0 }],
  },
  'ignores its signal': {
    executor: defineExecutor('deaf', (_text: string) => new Promise<void>(() => {})),
    inputs: ['a'],
  },
};

/** Only the cases that end for it: an executor that never ends cannot be observed. */
async function failuresOf(name: string, options: ExecutorSuiteOptions): Promise<string[]> {
  const failed: string[] = [];
  for (const each of executorSuite(options)) {
    if (name === 'ignores its signal' && each.name !== 'ends when its signal aborts') continue;
    await each.run().catch(() => failed.push(each.name));
  }
  return failed;
}

describe('the suite', () => {
  it.each(Object.entries(BROKEN))('finds an executor that %s', async (name, options) => {
    expect(await failuresOf(name, options)).not.toEqual([]);
  });
});
