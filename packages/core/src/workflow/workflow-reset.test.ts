import { describe, expect, it } from 'vitest';

import { createDeferred, settleTurns } from '../../test/deferred.ts';
import { createRecordingLogger } from '../../test/recording-logger.ts';
import { eventsOf } from '../../test/run-events.ts';
import {
  WorkflowBusyError,
  WorkflowForkError,
  WorkflowNeedsResetError,
  WorkflowResetError,
} from '../errors/workflow-errors.ts';
import { Executor } from '../graph/executor.ts';
import { defineExecutor } from '../graph/executor-definition.ts';
import { on } from '../graph/handler.ts';
import { WorkflowBuilder } from './workflow-builder.ts';

/** Counts what it handles, in a field. */
class Counter extends Executor {
  #count = 0;
  readonly handlers = [
    on(String, (text, ctx) => {
      this.#count += 1;
      ctx.yield(`${this.id} ${this.#count}`);
      ctx.send(text);
    }),
  ];

  protected forget(): void {
    this.#count = 0;
  }
}

/** Counts, and forgets at reset. */
class ResettableCounter extends Counter {
  override reset(): void {
    this.forget();
  }
}

/** Does at reset what the test says. */
class ScriptedCounter extends Counter {
  readonly #onReset: () => void | Promise<void>;

  constructor(id: string, onReset: () => void | Promise<void>) {
    super(id);
    this.#onReset = onReset;
  }

  override async reset(): Promise<void> {
    await this.#onReset();
    this.forget();
  }
}

class StatelessEcho extends Executor {
  override readonly stateless = true;
  readonly handlers = [on(String, (text, ctx) => ctx.yield(text))];
}

const defined = defineExecutor('defined', { state: () => ({ count: 0 }) }).on(String, (_, ctx) => {
  ctx.state.count += 1;
  ctx.yield(`defined ${ctx.state.count}`);
});

describe('resetForNewRun', () => {
  it.each([
    ['a definition', defined, 'defined'],
    ['a factory whose executor resets itself', () => new ResettableCounter('kept'), 'kept'],
    ['a factory whose executor does not', () => new Counter('replaced'), 'replaced'],
    ['an instance that resets itself', new ResettableCounter('instance'), 'instance'],
  ])('gives %s its first state again', async (_, start, id) => {
    const workflow = new WorkflowBuilder({ name: 'count', start }).build();
    const outputs = [...(await workflow.run('x')).outputs, ...(await workflow.run('x')).outputs];

    await workflow.resetForNewRun();

    outputs.push(...(await workflow.run('x')).outputs);
    expect(outputs).toEqual([`${id} 1`, `${id} 2`, `${id} 1`]);
  });

  it('begins another thread in the state idle', async () => {
    const workflow = new WorkflowBuilder({
      name: 'failing',
      start: defineExecutor('start', (message: unknown) => {
        if (message === 'bad') throw new Error('boom');
      }),
    }).build();
    const { threadId } = await workflow.run('good');
    await workflow.run('bad').catch(() => {});

    await workflow.resetForNewRun();

    expect(workflow.status).toBe('idle');
    expect((await workflow.run('good')).threadId).not.toBe(threadId);
  });

  it('may be called before the first run, and twice', async () => {
    const workflow = new WorkflowBuilder({ name: 'count', start: defined }).build();

    await workflow.resetForNewRun();
    await workflow.resetForNewRun();

    expect((await workflow.run('x')).outputs).toEqual(['defined 1']);
  });

  it('is refused while a run is active, which goes on', async () => {
    const free = createDeferred();
    const waiting = defineExecutor('waiting', async (_message: unknown, ctx) => {
      await free.promise;
      ctx.yield('done');
    });
    const workflow = new WorkflowBuilder({ name: 'waiting', start: waiting }).build();
    const run = workflow.run('go');

    await expect(workflow.resetForNewRun()).rejects.toThrow(WorkflowBusyError);

    free.resolve();
    expect((await run).outputs).toEqual(['done']);
  });

  it('is given the logger', async () => {
    const logger = createRecordingLogger();
    class Telling extends Counter {
      override reset(context?: { logger: { warn: (message: string) => void } }): void {
        context?.logger.warn('told');
      }
    }
    const workflow = new WorkflowBuilder({
      name: 'telling',
      start: () => new Telling('telling'),
      logger,
    }).build();

    await workflow.resetForNewRun();

    expect(logger.warnings).toEqual(['told']);
  });

  it('isolates the instance from a handler that was left behind', async () => {
    const free = createDeferred();
    const slow = defineExecutor('slow', { state: () => ({ log: ['fresh'] }) }).on(
      String,
      async (text, ctx) => {
        if (text === 'first') await free.promise;
        ctx.state.log.push(text);
        ctx.yield([...ctx.state.log]);
      },
    );
    const workflow = new WorkflowBuilder({ name: 'slow', start: slow, graceMs: 0 }).build();
    await workflow.stream('first').cancel();
    await workflow.resetForNewRun();

    free.resolve();
    await settleTurns();

    expect((await workflow.run('second')).outputs).toEqual([['fresh', 'second']]);
  });
});

describe('a reset that fails', () => {
  const boom = new Error('boom');
  const buildFailing = () => {
    let isBroken = true;
    const fail = async (): Promise<void> => {
      await Promise.resolve();
      if (isBroken) throw boom;
    };
    const failAtOnce = (): void => {
      if (isBroken) throw boom;
    };
    const [a, b, c] = [
      new ScriptedCounter('a', fail),
      new ResettableCounter('b'),
      new ScriptedCounter('c', failAtOnce),
    ];
    const workflow = new WorkflowBuilder({ name: 'failing', start: a }).addChain([a, b, c]).build();
    const mend = (): void => {
      isBroken = false;
    };
    return { workflow, mend };
  };

  it('names every executor that failed, in declared order', async () => {
    const { workflow } = buildFailing();

    const reset = workflow.resetForNewRun();

    await expect(reset).rejects.toThrow(WorkflowResetError);
    await expect(reset).rejects.toMatchObject({
      code: 'workflow/reset-failed',
      failures: [
        { executorId: 'a', error: boom },
        { executorId: 'c', error: boom },
      ],
      cause: new AggregateError([boom, boom], '"a": boom; "c": boom'),
    });
  });

  it('R3: lets nothing run', async () => {
    const { workflow } = buildFailing();
    await workflow.resetForNewRun().catch(() => {});

    await expect(workflow.run('x')).rejects.toThrow(WorkflowNeedsResetError);
    expect(() => workflow.stream('x')).toThrow(WorkflowNeedsResetError);
  });

  it('is named as the cause of the refusal', async () => {
    const { workflow } = buildFailing();
    const failure: unknown = await workflow.resetForNewRun().catch((error: unknown) => error);

    await expect(workflow.run('x')).rejects.toMatchObject({
      code: 'workflow/needs-reset',
      cause: failure,
    });
  });

  it('R3: is made good by one that succeeds', async () => {
    const { workflow, mend } = buildFailing();
    await workflow.run('x');
    await workflow.resetForNewRun().catch(() => {});
    mend();

    await workflow.resetForNewRun();

    expect((await workflow.run('x')).outputs).toEqual(['a 1', 'b 1', 'c 1']);
  });

  it('tells of a factory that no longer gives an executor', async () => {
    let isBroken = false;
    const factory = (): Executor => {
      if (isBroken) throw boom;
      return new Counter('made');
    };
    const workflow = new WorkflowBuilder({ name: 'factory', start: factory }).build();
    isBroken = true;

    await expect(workflow.resetForNewRun()).rejects.toMatchObject({
      failures: [{ executorId: 'made', error: boom }],
    });
  });

  it('tells of a state function that throws', async () => {
    let isBroken = false;
    const start = defineExecutor('start', {
      state: () => {
        if (isBroken) throw boom;
        return {};
      },
    }).on(String, () => {});
    const workflow = new WorkflowBuilder({ name: 'state', start }).build();
    isBroken = true;

    await expect(workflow.resetForNewRun()).rejects.toMatchObject({
      failures: [{ executorId: 'start', error: boom }],
    });
  });
});

describe('resets and runs at the same time', () => {
  const buildSlow = () => {
    const log: string[] = [];
    const gates = [createDeferred(), createDeferred()];
    let count = 0;
    const start = new ScriptedCounter('start', async () => {
      const gate = gates[count];
      count += 1;
      log.push(`begin ${count}`);
      await gate?.promise;
      log.push('end');
    });
    const workflow = new WorkflowBuilder({ name: 'slow', start }).build();
    return { workflow, log, gates };
  };

  it('does two resets one after the other', async () => {
    const { workflow, log, gates } = buildSlow();
    const resets = [workflow.resetForNewRun(), workflow.resetForNewRun()];
    await settleTurns();
    const before = [...log];
    for (const gate of gates) gate.resolve();

    await Promise.all(resets);

    expect([before, log]).toEqual([['begin 1'], ['begin 1', 'end', 'begin 2', 'end']]);
  });

  it('refuses a run while a reset is at work', async () => {
    const { workflow, gates } = buildSlow();
    const reset = workflow.resetForNewRun();

    await expect(workflow.run('x')).rejects.toThrow(
      'Workflow "slow" cannot start a run: it is being reset.',
    );

    gates[0]?.resolve();
    await reset;
  });

  it('refuses a run between two resets', async () => {
    const { workflow, gates } = buildSlow();
    const first = workflow.resetForNewRun();
    const second = workflow.resetForNewRun();
    gates[0]?.resolve();
    await first;

    await expect(workflow.run('x')).rejects.toThrow(WorkflowBusyError);

    gates[1]?.resolve();
    await second;
  });

  it('takes a run as soon as the last reset has ended', async () => {
    const { workflow, gates } = buildSlow();
    const reset = workflow.resetForNewRun();
    gates[0]?.resolve();
    await reset;

    expect((await workflow.run('x')).outputs).toEqual(['start 1']);
  });

  it('does a second reset where the first fails', async () => {
    let count = 0;
    const start = new ScriptedCounter('start', () => {
      count += 1;
      if (count === 1) throw new Error('boom');
    });
    const workflow = new WorkflowBuilder({ name: 'twice', start }).build();

    const resets = await Promise.allSettled([workflow.resetForNewRun(), workflow.resetForNewRun()]);

    expect(resets.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect((await workflow.run('x')).state).toBe('idle');
  });
});

describe('fork', () => {
  it('makes an instance in pristine state that runs beside the first', async () => {
    const workflow = new WorkflowBuilder({ name: 'count', start: defined }).build();
    await workflow.run('x');

    const fork = workflow.fork();
    const runs = await Promise.all([workflow.run('x'), fork.run('x')]);

    expect(runs.map(({ outputs }) => outputs)).toEqual([['defined 2'], ['defined 1']]);
    expect(runs[0]?.threadId).not.toBe(runs[1]?.threadId);
  });

  it('calls a factory once more', async () => {
    const start = (): Executor => new Counter('made');
    const workflow = new WorkflowBuilder({ name: 'count', start }).build();
    await workflow.run('x');

    expect((await workflow.fork().run('x')).outputs).toEqual(['made 1']);
  });

  it('shares an instance that is stateless', async () => {
    const workflow = new WorkflowBuilder({ name: 'echo', start: new StatelessEcho('e') }).build();

    expect((await workflow.fork().run('x')).outputs).toEqual(['x']);
  });

  it('refuses where executors were passed as instances, and names them', () => {
    const [a, b] = [new ResettableCounter('a'), new ResettableCounter('b')];
    const workflow = new WorkflowBuilder({ name: 'shared', start: defined })
      .addFanOut(defined, [a, b])
      .build();

    expect(() => workflow.fork()).toThrow(WorkflowForkError);
    expect(() => workflow.fork()).toThrow(
      'Workflow "shared" cannot be forked: "a", "b" passed as instances would be shared. Pass a factory (() => new …) or a definition, declare stateless = true, or give functions and conditions that remember something a fork().',
    );
  });
});

describe('an executor that is passed as an instance', () => {
  it('is reported where it declares neither reset nor stateless', () => {
    const logger = createRecordingLogger();
    const instances = [
      new Counter('mute'),
      new ResettableCounter('reset'),
      new StatelessEcho('echo'),
    ];

    new WorkflowBuilder({ name: 'report', start: defined, logger })
      .addFanOut(defined, instances)
      .build();

    expect(logger.warnings).toEqual([
      'Workflow "report": the executor instance "mute" declares neither reset() nor stateless, so what it keeps in fields survives a reset. Override reset(), set stateless = true, or pass a factory.',
    ]);
  });
});

describe('an instance that was reset', () => {
  it('yields the same events as a new one', async () => {
    const build = () =>
      new WorkflowBuilder({ name: 'count', start: defined })
        .addEdge(defined, () => new Counter('counter'))
        .build();
    const workflow = build();
    await workflow.run('a');
    await workflow.resetForNewRun();

    const events = await eventsOf(workflow, 'b');

    expect(events).toEqual(await eventsOf(build(), 'b'));
  });
});
