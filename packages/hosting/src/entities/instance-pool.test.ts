import { defineExecutor, Executor, on, type Workflow, WorkflowBuilder } from '@colloquy/core';
import { describe, expect, it } from 'vitest';

import { hosted } from '../../test/hosted.ts';
import { refusalOf } from '../../test/refusal.ts';
import { buildCounter } from '../../test/workflows.ts';

type AnyWorkflow = Workflow<never>;

/** Workflows that note what is done with them, each instance under its number. */
const spied = (build: () => AnyWorkflow) => {
  const calls: string[] = [];
  const made: AnyWorkflow[] = [];
  const create = (): AnyWorkflow => {
    const workflow = build();
    const name = `#${made.push(workflow)}`;
    const reset = workflow.resetForNewRun.bind(workflow);
    const run: AnyWorkflow['stream'] = workflow.stream.bind(workflow);
    const restore: AnyWorkflow['streamResume'] = workflow.streamResume.bind(workflow);
    Object.assign(workflow, {
      resetForNewRun: async () => {
        calls.push(`${name} reset`);
        await reset();
      },
      stream: (...args: Parameters<AnyWorkflow['stream']>) => {
        calls.push(`${name} run`);
        return run(...args);
      },
      streamResume: (...args: Parameters<AnyWorkflow['streamResume']>) => {
        calls.push(`${name} restore`);
        return restore(...args);
      },
    });
    return workflow;
  };
  return { calls, made, create };
};

class Stubborn extends Executor {
  static resets = 0;
  override readonly handlers = [
    on(String, (text, ctx) => {
      ctx.yield(text);
    }),
  ];
  constructor() {
    super('stubborn');
  }
  override reset(): void {
    Stubborn.resets += 1;
    throw new Error('no');
  }
}

describe('the pool', () => {
  it('P2: resets a used instance once before every clean start, and never before a restore', async () => {
    const { calls, create } = spied(buildCounter);
    await using server = await hosted({ workflow: create, limits: { maxInstances: 1 } });
    const { responses } = server.client;

    const first = await responses.create({ input: 'a' });
    await responses.create({ input: 'b', previous_response_id: first.id });
    await responses.create({ input: 'c' });
    await responses.create({ input: 'fail' });
    await responses.create({ input: 'd', conversation: 'x' });
    await responses.create({ input: 'e', conversation: 'x' });

    expect(calls.join(', ')).toBe(
      '#1 run, #1 restore, #1 run, #1 reset, #1 run, #1 reset, #1 run, #1 reset, #1 run, #1 restore, #1 run',
    );
  });

  it('P1: has at most as many instances as it may', async () => {
    const { made, create } = spied(buildCounter);
    await using server = await hosted({ workflow: create, limits: { maxInstances: 3 } });

    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        server.client.responses.create({ input: `${index}` }),
      ),
    );

    expect(made.length).toBeLessThanOrEqual(3);
  });

  it('P3: retires an instance whose reset fails', async () => {
    const { made, create } = spied(() =>
      new WorkflowBuilder({ name: 'stubborn', start: () => new Stubborn() }).build(),
    );
    await using server = await hosted({ workflow: create, limits: { maxInstances: 1 } });
    const ask = async (input: string) =>
      (await server.client.responses.create({ input })).output_text;

    expect([await ask('a'), await ask('b'), await ask('c')]).toEqual(['a', 'b', 'c']);
    expect(made).toHaveLength(3);
  });

  it('P3: refuses where there can be no other instance, and tries again with the next request', async () => {
    const workflow = new WorkflowBuilder({ name: 'stubborn', start: new Stubborn() }).build();
    await using server = await hosted({ workflow });
    const { responses } = server.client;
    const first = await responses.create({ input: 'a' });
    const resets = Stubborn.resets;

    const refused = [
      await refusalOf(responses.create({ input: 'b' })),
      await refusalOf(responses.create({ input: 'c' })),
    ];

    expect(first.output_text).toBe('a');
    expect(refused.map(({ status, code }) => [status, code])).toEqual([
      [503, 'reset_failed'],
      [503, 'reset_failed'],
    ]);
    expect(Stubborn.resets - resets).toBe(2);
  });

  it('P1: makes forks of a workflow that a function gives again and again', async () => {
    const workflow = buildCounter();
    await using server = await hosted({ workflow: () => workflow });

    const texts = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (input) => {
        const { output_text: text } = await server.client.responses.create({ input });
        return text;
      }),
    );

    expect(texts).toEqual(['1: a', '1: b', '1: c', '1: d']);
  });

  it('leaves the workflow that it was given as it is', async () => {
    const workflow = buildCounter();
    await workflow.run('mine');
    await using server = await hosted({ workflow });

    await server.client.responses.create({ input: 'a' });

    expect((await workflow.run('mine again')).outputs).toEqual(['2: mine again']);
  });

  it('tells of a function that fails, and lets the next request try again', async () => {
    let isBroken = true;
    const workflow = () => {
      if (isBroken) throw new Error('sk-secret');
      return buildCounter();
    };
    await using server = await hosted({ workflow });
    const ask = () => server.client.responses.create({ input: 'a' });

    const refused = await refusalOf(ask());
    isBroken = false;

    expect(refused).toMatchObject({ status: 500, code: 'server_error' });
    expect(refused.message).not.toContain('sk-secret');
    expect((await ask()).output_text).toBe('1: a');
  });

  it('refuses what cannot be hosted when it is given', async () => {
    const numbers = defineExecutor('numbers').on(Number, () => 1);
    const workflow = new WorkflowBuilder({ name: 'numbers', start: numbers }).build();
    const thing: object = { name: 'thing' };

    await expect(hosted({ workflow })).rejects.toThrow('agent is given');
    // @ts-expect-error -- what a caller without types may pass
    await expect(hosted({ workflow: thing })).rejects.toThrow('to be a workflow, an agent');
    // @ts-expect-error -- as above
    await expect(hosted({})).rejects.toThrow('one of workflow, agent and models');
    await expect(hosted({ models: {} })).rejects.toThrow('models without entries');
  });
});
