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
  type WorkflowBuilderOptions,
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

/** The events of a workflow's stream that have a type. */
type EventOf<TWorkflow, TType> = TWorkflow extends {
  stream(input: never): AsyncIterable<infer TEvent>;
}
  ? Extract<TEvent, { readonly type: TType }>
  : never;

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
      expectTypeOf<Parameters<typeof ctx.yield>[0]>().toEqualTypeOf<number>();
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

  it('narrow by type, those that executors declare included', () => {
    const workflow = new WorkflowBuilder({ name: 'events', start: emitting }).build();

    expectTypeOf<EventOf<typeof workflow, 'progress'>['percent']>().toEqualTypeOf<number>();
    expectTypeOf<
      EventOf<typeof workflow, 'superstep_started'>['superstep']
    >().toEqualTypeOf<number>();
    expectTypeOf<EventOf<typeof workflow, 'output'>['executorId']>().toEqualTypeOf<string>();
  });

  it('narrow in a loop', async () => {
    const workflow = new WorkflowBuilder({ name: 'events', start: emitting }).build();

    const percents: number[] = [];
    for await (const event of workflow.stream('x')) {
      if (event.type === 'progress') percents.push(event.percent);
    }

    expectTypeOf(percents).toEqualTypeOf<number[]>();
  });

  it('are no others', () => {
    const workflow = new WorkflowBuilder({ name: 'events', start: emitting }).build();

    expectTypeOf<EventOf<typeof workflow, 'no_such_event'>>().toBeNever();
    expectTypeOf<EventOf<typeof workflow, 'agent_update'>>().toBeNever();
  });

  it('are updates where an agent takes part', () => {
    const workflow = new WorkflowBuilder({ name: 'events', start: emitting })
      .addEdge(emitting, agent)
      .build();

    expectTypeOf<
      EventOf<typeof workflow, 'agent_update'>['update']['text']
    >().toEqualTypeOf<string>();
    expectTypeOf<EventOf<typeof workflow, 'progress'>['percent']>().toEqualTypeOf<number>();
  });
});

describe('the builder', () => {
  it('types the message of a condition by what its target takes', () => {
    const numbers = defineExecutor('numbers').on(Number, () => {});
    const builder = new WorkflowBuilder({ name: 'edges', start: counter });

    builder.addEdge(counter, numbers, { when: (value) => value.toFixed(1) === '1.0' });
    builder.addFanOut(counter, [counter, numbers], { select: (_, targets) => targets.slice(1) });

    // @ts-expect-error the target takes no text
    builder.addEdge(counter, numbers, { when: (value: string) => value === '' });
    expectTypeOf(builder.build()).not.toBeAny();
  });

  it('takes shared keys of any type, with and without a reducer', () => {
    expectTypeOf({
      name: 'shared',
      start: counter,
      shared: {
        sum: { initial: () => 0, reduce: (left: number, right: number) => left + right },
        plain: { initial: () => 'text' },
      },
    }).toExtend<WorkflowBuilderOptions>();
  });

  it('takes reducers whose parameters are not annotated', () => {
    const shared: WorkflowBuilderOptions['shared'] = {
      scores: { initial: () => [], reduce: (left, right) => [...left, ...right] },
    };

    expectTypeOf(shared).not.toBeAny();
  });

  it('takes no id where it wants an executor', () => {
    expectTypeOf<{ name: string; start: 'counter' }>().not.toExtend<WorkflowBuilderOptions>();
    // @ts-expect-error an id is no executor
    new WorkflowBuilder({ name: 'ids', start: counter }).addEdge(counter, 'other');
  });
});
