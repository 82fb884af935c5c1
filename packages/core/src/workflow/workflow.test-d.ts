import { describe, expectTypeOf, it } from 'vitest';
import * as z from 'zod';

import {
  type AgentLike,
  type AgentResponse,
  defineEvent,
  defineExecutor,
  defineMessage,
  Executor,
  on,
  WorkflowBuilder,
} from '../index.ts';

const Report = defineMessage('report');
const Stats = defineMessage('stats', z.object({ seen: z.number() }));
const Progress = defineEvent('progress', z.object({ percent: z.number() }));
const counter = defineExecutor('counter', { state: () => ({ seen: 0 }) })
  .on(String, () => {})
  .on(Report, () => {});

class Shouter extends Executor {
  readonly handlers = [on(String, () => {}), on(Number, () => {})];
}

declare const agent: AgentLike;

/** What a workflow's `run` takes. */
type InputOf<TWorkflow> = TWorkflow extends { run(input: infer TInput): unknown } ? TInput : never;

describe('the input of a workflow', () => {
  it('is what the start executor takes', () => {
    const workflow = new WorkflowBuilder({ name: 'input', start: counter }).build();

    expectTypeOf<InputOf<typeof workflow>>().toEqualTypeOf<string | ReturnType<typeof Report>>();
    // @ts-expect-error a number is nothing that the start executor takes
    void workflow.run(42);
    // @ts-expect-error a message of another type
    void workflow.run(Stats({ seen: 1 }));
  });

  it('is what the handlers of a class take', () => {
    const workflow = new WorkflowBuilder({ name: 'input', start: () => new Shouter('s') }).build();

    expectTypeOf<InputOf<typeof workflow>>().toEqualTypeOf<string | number>();
  });

  it('is what a function’s parameter says', () => {
    const start = defineExecutor('start', (value: { readonly id: number }) => value);

    const workflow = new WorkflowBuilder({ name: 'input', start }).build();

    expectTypeOf<InputOf<typeof workflow>>().toEqualTypeOf<{ readonly id: number }>();
  });
});

describe('a handler', () => {
  it('is given what its matcher makes', () => {
    defineExecutor('id', { state: () => ({ seen: 0 }) })
      .on(z.string().transform(Number), (value, ctx) => {
        expectTypeOf(value).toEqualTypeOf<number>();
        expectTypeOf(ctx.state).toEqualTypeOf<{ seen: number }>();
      })
      .on(Stats, (stats) => {
        expectTypeOf(stats.seen).toEqualTypeOf<number>();
      });
  });

  it('sends and yields only what is declared', () => {
    defineExecutor('id', { sends: [Stats, String], yields: z.number() }).on(String, (_, ctx) => {
      ctx.send(Stats({ seen: 1 }));
      ctx.send('text');
      ctx.yield(1);
      // @ts-expect-error a number is not declared
      ctx.send(1);
      // @ts-expect-error a text is not declared
      ctx.yield('text');
    });
  });

  it('sends and yields anything where nothing is declared', () => {
    defineExecutor('id').on(String, (_, ctx) => {
      expectTypeOf<Parameters<typeof ctx.send>[0]>().toEqualTypeOf<unknown>();
      expectTypeOf<Parameters<typeof ctx.yield>[0]>().toEqualTypeOf<unknown>();
      expectTypeOf(ctx.state).toEqualTypeOf<undefined>();
    });
  });
});

describe('the outputs of a workflow', () => {
  const typed = defineExecutor('typed', { yields: z.number() }).on(String, () => {});
  const texts = defineExecutor('texts', { yields: z.string() }).on(String, () => {});
  const untyped = defineExecutor('untyped').on(String, () => {});

  it('are what the executors yield', async () => {
    const workflow = new WorkflowBuilder({ name: 'outputs', start: typed })
      .addEdge(typed, texts)
      .build();

    expectTypeOf((await workflow.run('x')).outputs).toEqualTypeOf<readonly (string | number)[]>();
  });

  it('are what those in outputFrom yield', async () => {
    const workflow = new WorkflowBuilder({ name: 'outputs', start: untyped, outputFrom: [texts] })
      .addEdge(untyped, texts)
      .build();

    expectTypeOf((await workflow.run('x')).outputs).toEqualTypeOf<readonly string[]>();
  });

  it('are unknown where somebody does not declare', async () => {
    const workflow = new WorkflowBuilder({ name: 'outputs', start: typed })
      .addEdge(typed, untyped)
      .build();

    expectTypeOf((await workflow.run('x')).outputs).toEqualTypeOf<readonly unknown[]>();
  });

  it('are responses where an agent yields them', async () => {
    const workflow = new WorkflowBuilder({ name: 'outputs', start: agent }).build();

    expectTypeOf((await workflow.run('x')).outputs).toEqualTypeOf<readonly AgentResponse[]>();
  });

  it('are the same in a stream', async () => {
    const workflow = new WorkflowBuilder({ name: 'outputs', start: texts }).build();

    expectTypeOf((await workflow.stream('x').result).outputs).toEqualTypeOf<readonly string[]>();
  });
});

describe('the events of a workflow', () => {
  const emitting = defineExecutor('emitting', { emits: [Progress] }).on(String, () => {});

  it('narrow by type, those that executors declare included', async () => {
    const workflow = new WorkflowBuilder({ name: 'events', start: emitting }).build();

    for await (const event of workflow.stream('x')) {
      expectTypeOf(event.seq).toEqualTypeOf<number>();
      if (event.type === 'progress') expectTypeOf(event.percent).toEqualTypeOf<number>();
      if (event.type === 'superstep_started') expectTypeOf(event.superstep).toEqualTypeOf<number>();
      if (event.type === 'output') expectTypeOf(event.executorId).toEqualTypeOf<string>();
    }
  });

  it('are no others', async () => {
    const workflow = new WorkflowBuilder({ name: 'events', start: emitting }).build();

    for await (const event of workflow.stream('x')) {
      // @ts-expect-error nobody declares such an event
      void (event.type === 'no_such_event');
    }
  });

  it('are updates where an agent takes part', async () => {
    const workflow = new WorkflowBuilder({ name: 'events', start: emitting })
      .addEdge(emitting, agent)
      .build();

    for await (const event of workflow.stream('x')) {
      if (event.type === 'agent_update') expectTypeOf(event.update.text).toEqualTypeOf<string>();
      if (event.type === 'progress') expectTypeOf(event.percent).toEqualTypeOf<number>();
    }
  });
});

describe('the builder', () => {
  it('types the message of a condition by what its target takes', () => {
    new WorkflowBuilder({ name: 'edges', start: counter })
      .addEdge(
        counter,
        defineExecutor('n').on(Number, () => {}),
        {
          when: (value) => {
            expectTypeOf(value).toEqualTypeOf<number>();
            return value > 0;
          },
        },
      )
      .addFanOut(counter, [counter, defineExecutor('s').on(Stats, () => {})], {
        select: (_message, targets) => {
          expectTypeOf(targets).toEqualTypeOf<readonly string[]>();
          return targets;
        },
      });
  });

  it('takes shared keys of any type, with and without a reducer', () => {
    new WorkflowBuilder({
      name: 'shared',
      start: counter,
      shared: {
        scores: { initial: () => [], reduce: (left, right) => [...left, ...right] },
        sum: { initial: () => 0, reduce: (left: number, right: number) => left + right },
        plain: { initial: () => 'text' },
      },
    });
  });

  it('takes no id where it wants an executor', () => {
    // @ts-expect-error an id is no executor
    new WorkflowBuilder({ name: 'ids', start: 'counter' });
    // @ts-expect-error an id is no executor
    new WorkflowBuilder({ name: 'ids', start: counter }).addEdge(counter, 'other');
  });
});
