import { afterEach, describe, expect, it, vi } from 'vitest';

import { createDeferred, settleTurns } from '../../test/deferred.ts';
import { eventsOf, ofType } from '../../test/run-events.ts';
import { ExecutorError } from '../errors/workflow-errors.ts';
import { defineExecutor } from '../graph/executor-definition.ts';
import { type WorkflowContext } from '../graph/workflow-context.ts';
import { type WorkflowOptions } from './builder-options.ts';
import { type ExecutorSource } from './executor-source.ts';
import { WorkflowBuilder } from './workflow-builder.ts';

type Handle = (message: unknown, ctx: WorkflowContext) => unknown;

const source = defineExecutor('source', (message: unknown, ctx) => {
  ctx.yield(`source ${String(message)}`);
  return message;
});

/** The source sends to every branch. */
function buildBranches(branches: Record<string, Handle>, options: WorkflowOptions = {}) {
  const executors = Object.entries(branches).map(([id, handle]) => defineExecutor(id, handle));
  const builder = new WorkflowBuilder<ExecutorSource>({
    name: 'branches',
    start: source,
    ...options,
  });
  for (const executor of executors) builder.addEdge(source, executor);
  return builder.build();
}

const fail =
  (message: string): Handle =>
  () => {
    throw new Error(message);
  };

const failLater =
  (message: string): Handle =>
  async () => {
    await Promise.resolve();
    throw new Error(message);
  };

const untilAborted: Handle = async (_message, { signal }) => {
  const aborted = createDeferred<never>();
  signal.addEventListener('abort', () => aborted.reject(signal.reason));
  await aborted.promise;
};

const failureOf = async (run: Promise<unknown>): Promise<ExecutorError> => {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ExecutorError) return error;
  throw new Error('Expected an ExecutorError.', { cause: error });
};

describe('a run whose executor fails', () => {
  it('rejects with the executor, the original error, and the outputs so far', async () => {
    const boom = new Error('boom');
    const workflow = buildBranches({
      bad: (_message, ctx) => {
        ctx.yield('discarded');
        throw boom;
      },
    });

    const error = await failureOf(workflow.run('x'));

    const { executorId, failures, cause, outputs, code, message, checkpointId } = error;
    expect({ executorId, failures, cause, outputs, code, message, checkpointId }).toEqual({
      executorId: 'bad',
      failures: [{ executorId: 'bad', error: boom }],
      cause: boom,
      outputs: ['source x'],
      code: 'workflow/executor-failed',
      message: 'Executor "bad": boom',
      checkpointId: undefined,
    });
  });

  it('names every executor that failed, in declared order', async () => {
    const workflow = buildBranches({ b: failLater('late'), a: fail('early'), c: () => {} });

    const { executorId, failures, cause, message } = await failureOf(workflow.run('x'));

    expect({ executorId, ids: failures.map((failure) => failure.executorId), message }).toEqual({
      executorId: 'b',
      ids: ['b', 'a'],
      message: 'Executor "b": late; "a": early',
    });
    expect(cause).toEqual(
      new AggregateError([new Error('late'), new Error('early')], '"b": late; "a": early'),
    );
  });

  it('tells of each failure, then of the run’s, then of the status', async () => {
    const workflow = buildBranches({ a: fail('first'), b: fail('second') });

    const events = await eventsOf(workflow, 'x');

    expect(events.slice(-5)).toEqual([
      { type: 'executor_failed', executorId: 'a', error: 'first' },
      { type: 'executor_invoked', executorId: 'b', data: 'x' },
      { type: 'executor_failed', executorId: 'b', error: 'second' },
      { type: 'failed', error: 'Executor "a": first; "b": second' },
      { type: 'status', state: 'failed' },
    ]);
  });

  it('aborts the others and counts none that only passes the abort on', async () => {
    const workflow = buildBranches({ patient: untilAborted, bad: failLater('boom') });

    const events = await eventsOf(workflow, 'x');

    expect(ofType(events, 'executor_failed', 'failed')).toEqual([
      { type: 'executor_failed', executorId: 'bad', error: 'boom' },
      { type: 'failed', error: 'Executor "bad": boom' },
    ]);
  });

  it('waits for the others to end', async () => {
    const log: string[] = [];
    const workflow = buildBranches({
      bad: failLater('boom'),
      tidy: async (_message, { signal }) => {
        const aborted = createDeferred();
        signal.addEventListener('abort', () => aborted.resolve());
        await aborted.promise;
        await settleTurns();
        log.push('tidied up');
      },
    });

    await workflow.run('x').catch(() => log.push('rejected'));

    expect(log).toEqual(['tidied up', 'rejected']);
  });

  it('skips the messages that the others had not begun', async () => {
    const handled: unknown[] = [];
    const sender = defineExecutor('sender', (_message: unknown, ctx) => {
      ctx.send(1);
      ctx.send(2);
    });
    const slow = defineExecutor('slow', async (message: unknown) => {
      handled.push(message);
      await settleTurns();
    });
    const bad = defineExecutor('bad', failLater('boom'));
    const workflow = new WorkflowBuilder({ name: 'skip', start: sender })
      .addFanOut(sender, [slow, bad])
      .build();

    await workflow.run('x').catch(() => {});

    expect(handled).toEqual([1]);
  });

  it('R2, C1: can be run again, with nothing left over', async () => {
    const workflow = buildBranches({
      once: (message) => {
        if (message === 'bad') throw new Error('boom');
      },
    });
    await workflow.run('bad').catch(() => {});

    const { outputs, supersteps } = await workflow.run('good');

    expect({ outputs, supersteps, status: workflow.status }).toEqual({
      outputs: ['source good'],
      supersteps: 2,
      status: 'idle',
    });
  });

  it('fails as any other where what is thrown cannot be read', async () => {
    const unreadable: unknown = Object.create(null);
    const workflow = buildBranches({
      patient: untilAborted,
      bad: async () => {
        await Promise.resolve();
        throw unreadable;
      },
    });

    const { failures } = await failureOf(workflow.run('x'));

    expect(failures).toEqual([{ executorId: 'bad', error: unreadable }]);
  });

  it('is no unhandled rejection where nobody looks at its stream', async () => {
    const unhandled = vi.fn<() => void>();
    process.on('unhandledRejection', unhandled);
    const workflow = buildBranches({ bad: fail('boom') });

    workflow.stream('x');
    await settleTurns();
    process.off('unhandledRejection', unhandled);

    expect([workflow.status, unhandled.mock.calls]).toEqual(['failed', []]);
  });
});

describe('a handler that ignores its abort', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is left behind after graceMs', async () => {
    vi.useFakeTimers();
    const workflow = buildBranches(
      { bad: failLater('boom'), deaf: () => new Promise(() => {}) },
      { graceMs: 200 },
    );
    const run = failureOf(workflow.run('x'));
    await vi.advanceTimersByTimeAsync(199);
    const before = workflow.status;

    await vi.advanceTimersByTimeAsync(1);

    expect([before, workflow.status]).toEqual(['in_progress', 'failed']);
    expect((await run).failures.map(({ executorId }) => executorId)).toEqual(['bad']);
  });

  it('is awaited for ever where graceMs is infinite', async () => {
    const free = createDeferred();
    const workflow = buildBranches(
      { bad: failLater('boom'), deaf: () => free.promise },
      { graceMs: Infinity },
    );
    const run = failureOf(workflow.run('x'));
    await settleTurns();
    const before = workflow.status;

    free.resolve();
    await run;

    expect([before, workflow.status]).toEqual(['in_progress', 'failed']);
  });

  it('B1: changes nothing with what it does later', async () => {
    const free = createDeferred();
    const workflow = buildBranches(
      {
        bad: (message) => (message === 'bad' ? Promise.reject(new Error('boom')) : undefined),
        deaf: async (message, ctx) => {
          if (message !== 'bad') {
            ctx.yield(ctx.shared.get('late'));
            return;
          }
          await free.promise;
          ctx.send('late');
          ctx.yield('late');
          ctx.shared.set('late', true);
        },
      },
      { graceMs: 0 },
    );
    const events: string[] = [];
    const failed = workflow.stream('bad');
    await failed.result.catch(() => {});
    const running = workflow.stream('good');

    free.resolve();
    await settleTurns();
    const { outputs } = await running.result;
    for await (const { type } of failed) events.push(type);

    expect(outputs).toEqual(['source good', undefined]);
    expect(events.at(-1)).toBe('status');
  });

  it('leaves no timer behind where the others end in time', async () => {
    vi.useFakeTimers();
    const workflow = buildBranches({ bad: failLater('boom'), patient: untilAborted });

    await workflow.run('x').catch(() => {});

    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('maxSupersteps', () => {
  const loop = defineExecutor('loop').on(Number, (value, ctx) => {
    ctx.yield(value);
    return value + 1;
  });
  const build = (maxSupersteps?: number) =>
    new WorkflowBuilder({ name: 'loop', start: loop, maxSupersteps }).addEdge(loop, loop).build();

  it('ends a run that does not converge, with the outputs so far', async () => {
    await expect(build(3).run(1)).rejects.toMatchObject({
      name: 'WorkflowConvergenceError',
      code: 'workflow/no-convergence',
      outputs: [1, 2, 3],
      message:
        'Workflow "loop" still had messages to deliver after 3 supersteps. Give its loop an exit, or raise maxSupersteps.',
    });
  });

  it('is 100 by default', async () => {
    await expect(build().run(1)).rejects.toMatchObject({
      outputs: Array.from({ length: 100 }, (_, index) => index + 1),
    });
  });

  it('leaves the instance usable', async () => {
    const workflow = build(2);
    await workflow.run(1).catch(() => {});

    await expect(workflow.run(10)).rejects.toMatchObject({ outputs: [10, 11] });
  });

  it('lets a run end that needs exactly as many', async () => {
    const [a, b] = [defineExecutor('a', () => 1), defineExecutor('b', () => {})];
    const workflow = new WorkflowBuilder({ name: 'two', start: a, maxSupersteps: 2 })
      .addEdge(a, b)
      .build();

    expect((await workflow.run('x')).supersteps).toBe(2);
  });
});

describe('maxConcurrency', () => {
  it('runs at most so many executors at once, in order', async () => {
    let running = 0;
    const seen: string[] = [];
    const work =
      (id: string): Handle =>
      async () => {
        running += 1;
        seen.push(`${id} ${running}`);
        await settleTurns();
        running -= 1;
      };
    const workflow = buildBranches(
      { a: work('a'), b: work('b'), c: work('c'), d: work('d') },
      { maxConcurrency: 2 },
    );

    await workflow.run('x');

    expect(seen).toEqual(['a 1', 'b 2', 'c 2', 'd 2']);
  });

  it.each([
    ['at once', fail('boom')],
    ['later', failLater('boom')],
  ])('starts no other executor after one has failed %s', async (_, bad) => {
    const started: string[] = [];
    const workflow = buildBranches(
      {
        bad,
        next: () => {
          started.push('next');
        },
      },
      { maxConcurrency: 1 },
    );

    const { failures } = await failureOf(workflow.run('x'));

    expect([failures.length, started]).toEqual([1, []]);
  });

  it('leaves deaf handlers behind, and those that wait for their turn', async () => {
    const started: string[] = [];
    const workflow = buildBranches(
      {
        deaf: () => new Promise(() => {}),
        bad: failLater('boom'),
        next: () => {
          started.push('next');
        },
      },
      { maxConcurrency: 2, graceMs: 0 },
    );

    await failureOf(workflow.run('x'));

    expect(started).toEqual([]);
  });
});

describe('a sibling that wraps the abort of a failure in an error of its own', () => {
  it('is no failure', async () => {
    const start = defineExecutor('start', (text: string) => text);
    const bad = defineExecutor('bad', () => {
      throw new Error('boom');
    });
    const waiting = defineExecutor('waiting', async (_: string, { signal }) => {
      await new Promise((_resolve, reject) => {
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener('abort', () => reject(signal.reason));
      }).catch((cause: unknown) => {
        throw new Error('request failed', { cause });
      });
    });
    const workflow = new WorkflowBuilder({ name: 'wrapped', start })
      .addFanOut(start, [waiting, bad])
      .build();

    const failure: unknown = await workflow.run('go').catch((error: unknown) => error);

    expect(failure).toMatchObject({ failures: [{ executorId: 'bad' }] });
  });
});
