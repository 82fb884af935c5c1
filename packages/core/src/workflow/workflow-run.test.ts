import { describe, expect, it } from 'vitest';

import { createDeferred, settleTurns } from '../../test/deferred.ts';
import { eventsOf } from '../../test/run-events.ts';
import {
  StreamAlreadyReadError,
  UnsupportedInputError,
  WorkflowBusyError,
  WorkflowCancelledError,
} from '../errors/workflow-errors.ts';
import { defineExecutor } from '../graph/executor-definition.ts';
import { type Workflow } from './workflow.ts';
import { WorkflowBuilder } from './workflow-builder.ts';

const echo = defineExecutor('echo').on(String, (text, ctx) => ctx.yield(text));
const buildEcho = (): Workflow<string> =>
  new WorkflowBuilder({ name: 'echo', start: echo }).build();

/** A workflow whose one executor waits for its signal, and passes the abort on. */
function buildWaiting() {
  const started = createDeferred();
  const waiting = defineExecutor('waiting').on(String, async (_text, ctx) => {
    const aborted = createDeferred<never>();
    ctx.signal.addEventListener('abort', () => aborted.reject(ctx.signal.reason));
    started.resolve();
    await aborted.promise;
  });
  const workflow = new WorkflowBuilder({ name: 'waiting', start: waiting }).build();
  return { workflow, started: started.promise };
}

describe('a run', () => {
  it('says what it came to', async () => {
    const workflow = buildEcho();

    const { runId, threadId, ...result } = await workflow.run('hello');

    expect(result).toEqual({
      state: 'idle',
      outputs: ['hello'],
      intermediates: [],
      pendingRequests: [],
      checkpointId: undefined,
      stopReason: { code: 'completed' },
      usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
      supersteps: 1,
    });
    expect([typeof runId, typeof threadId]).toEqual(['string', 'string']);
  });

  it('stays on one thread with the runs before it', async () => {
    const workflow = buildEcho();

    const runs = [await workflow.run('a'), await workflow.run('b')];

    expect(new Set(runs.map(({ threadId }) => threadId)).size).toBe(1);
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(2);
  });

  it('begins before the caller waits for it', async () => {
    const { workflow } = buildWaiting();

    const stream = workflow.stream('go');

    expect(workflow.status).toBe('in_progress');
    await stream.cancel();
  });

  it('rejects with WorkflowBusyError while another is active', async () => {
    const { workflow } = buildWaiting();
    const first = workflow.stream('first');

    await expect(workflow.run('second')).rejects.toThrow(WorkflowBusyError);
    await first.cancel();
  });

  it('reserves the instance before any await', async () => {
    const workflow = buildEcho();

    const runs = await Promise.allSettled([workflow.run('a'), workflow.run('b')]);

    expect(runs.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('rejects with UnsupportedInputError and changes nothing', async () => {
    const workflow = buildEcho();
    await workflow.run('fine');

    const run = workflow.run(42 as never);

    await expect(run).rejects.toThrow(UnsupportedInputError);
    await expect(run).rejects.toThrow(
      'Expected an input that the start executor "echo" of workflow "echo" takes (string), got number 42. Pass one of these, or add .on(…) to "echo".',
    );
    expect(workflow.status).toBe('idle');
  });

  it('leaves the instance free where its options are no options', async () => {
    const workflow = buildEcho();
    await workflow.run('bad', { signal: {} as never }).catch(() => {});

    const { outputs } = await workflow.run('good');

    expect(outputs).toEqual(['good']);
  });

  it('tells its own state where another run begins at once', async () => {
    const workflow = buildEcho();
    const first = workflow.run('first');
    const second = (async () => {
      for (;;) {
        try {
          return workflow.stream('second');
        } catch {
          await Promise.resolve();
        }
      }
    })();

    const states = [(await first).state, (await (await second).result).state];

    expect(states).toEqual(['idle', 'idle']);
  });
});

describe('a stream', () => {
  it('E1: numbers its events from 1 and stamps them', async () => {
    const stream = buildEcho().stream('hello');
    const stamps: unknown[] = [];
    for await (const { seq, runId, timestamp } of stream) {
      stamps.push([seq, runId === stream.runId, timestamp > 0]);
    }

    expect(stamps).toEqual(stamps.map((_, index) => [index + 1, true, true]));
    expect(stamps.length).toBe(8);
  });

  it('gives all events to a reader that comes late', async () => {
    const workflow = buildEcho();
    const stream = workflow.stream('hello');
    await stream.result;

    const seqs: number[] = [];
    for await (const { seq } of stream) seqs.push(seq);

    expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('can be read once', async () => {
    const stream = buildEcho().stream('hello');
    for await (const _ of stream);

    expect(() => stream[Symbol.asyncIterator]()).toThrow(StreamAlreadyReadError);
  });

  it('gives events in order to calls that do not wait for each other', async () => {
    const stream = buildEcho().stream('hello');
    const iterator = stream[Symbol.asyncIterator]();

    const steps = await Promise.all(Array.from({ length: 9 }, () => iterator.next()));

    expect(steps.map(({ value }) => value?.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, undefined]);
  });

  it('ends and frees the instance where nobody reads it', async () => {
    const workflow = buildEcho();
    workflow.stream('unread');
    await settleTurns();

    const { outputs } = await workflow.run('next');

    expect(outputs).toEqual(['next']);
  });

  it('throws at once where run rejects', () => {
    const { workflow } = buildWaiting();
    const stream = workflow.stream('first');

    expect(() => workflow.stream('second')).toThrow(WorkflowBusyError);
    expect(() => buildEcho().stream(42 as never)).toThrow(UnsupportedInputError);
    void stream.cancel();
  });

  it('cancels the run and waits for its end when its loop is left', async () => {
    const { workflow } = buildWaiting();
    const stream = workflow.stream('go');

    for await (const { type } of stream) if (type === 'executor_invoked') break;

    expect(workflow.status).toBe('cancelled');
    await expect(stream.result).rejects.toThrow(WorkflowCancelledError);
  });

  it('cancels the run when its loop throws', async () => {
    const { workflow } = buildWaiting();

    const reading = (async () => {
      for await (const { type } of workflow.stream('go')) {
        if (type === 'executor_invoked') throw new Error('enough');
      }
    })();

    await expect(reading).rejects.toThrow('enough');
    expect(workflow.status).toBe('cancelled');
  });

  it('E2: ends with the status when the run is cancelled', async () => {
    const { workflow, started } = buildWaiting();
    const controller = new AbortController();
    const events = eventsOf(workflow, 'go', { signal: controller.signal });
    await started;

    controller.abort();

    expect((await events).slice(-2)).toEqual([
      { type: 'executor_invoked', executorId: 'waiting', data: 'go' },
      { type: 'status', state: 'cancelled' },
    ]);
  });

  it('cancels the run at the end of an await using block', async () => {
    const { workflow, started } = buildWaiting();
    {
      // oxlint-disable-next-line typescript/await-thenable -- the linter does not know the disposable's type
      await using stream = workflow.stream('go');
      await started;
      expect(stream.runId).not.toBe('');
    }

    expect(workflow.status).toBe('cancelled');
  });
});

describe('cancel', () => {
  it('rejects the result with the reason it was given', async () => {
    const { workflow, started } = buildWaiting();
    const stream = workflow.stream('go');
    await started;

    await stream.cancel('no longer needed');

    await expect(stream.result).rejects.toMatchObject({
      name: 'WorkflowCancelledError',
      code: 'workflow/cancelled',
      reason: 'no longer needed',
      message: 'A run of workflow "waiting" was cancelled: no longer needed.',
    });
  });

  it('resolves when the run has ended', async () => {
    const { workflow, started } = buildWaiting();
    const stream = workflow.stream('go');
    await started;

    await stream.cancel();

    expect(() => workflow.stream('next').cancel()).not.toThrow();
  });

  it('does nothing to a run that has ended', async () => {
    let signal: AbortSignal | undefined;
    const start = defineExecutor('start', (_message: unknown, ctx) => {
      ({ signal } = ctx);
    });
    const stream = new WorkflowBuilder({ name: 'ended', start }).build().stream('go');
    await stream.result;

    await stream.cancel();

    expect(signal?.aborted).toBe(false);
    expect((await stream.result).state).toBe('idle');
  });

  it('stops a run whose handlers do not wait', async () => {
    const loop = defineExecutor('loop', (message: unknown) => message);
    const workflow = new WorkflowBuilder({ name: 'loop', start: loop, maxSupersteps: Infinity })
      .addEdge(loop, loop)
      .build();
    const stream = workflow.stream('go');

    let supersteps = 0;
    for await (const { type } of stream) {
      if (type === 'superstep_completed') supersteps += 1;
      if (supersteps === 5) break;
    }

    expect(workflow.status).toBe('cancelled');
  });

  it('stops a run that waits for a condition which never answers', async () => {
    const asked = createDeferred();
    const start = defineExecutor('first', (message: unknown) => message);
    const stuck = new WorkflowBuilder({ name: 'stuck', start, graceMs: 0 })
      .addEdge(start, echo, {
        when: () => {
          asked.resolve();
          return new Promise<boolean>(() => {});
        },
      })
      .build();
    const stream = stuck.stream('go');
    await asked.promise;

    await stream.cancel();

    expect(stuck.status).toBe('cancelled');
    await expect(stream.result).rejects.toThrow(WorkflowCancelledError);
  });

  it('counts also where a condition answers that nothing is to be done', async () => {
    const answer = createDeferred<boolean>();
    const asked = createDeferred();
    const start = defineExecutor('first', (message: unknown) => message);
    const workflow = new WorkflowBuilder({ name: 'asked', start })
      .addEdge(start, echo, {
        when: () => {
          asked.resolve();
          return answer.promise;
        },
      })
      .build();
    const stream = workflow.stream('go');
    await asked.promise;
    const cancelled = stream.cancel();
    answer.resolve(false);

    await cancelled;

    await expect(stream.result).rejects.toThrow(WorkflowCancelledError);
  });
});

describe('a signal', () => {
  it('that has aborted lets nothing run', async () => {
    const workflow = buildEcho();

    const events = await eventsOf(workflow, 'go', { signal: AbortSignal.abort('before') });

    expect(events).toEqual([
      { type: 'started' },
      { type: 'status', state: 'in_progress' },
      { type: 'status', state: 'cancelled' },
    ]);
  });

  it('rejects the run with its reason', async () => {
    const { workflow, started } = buildWaiting();
    const controller = new AbortController();
    const run = workflow.run('go', { signal: controller.signal });
    await started;
    const reason = new Error('out of time');

    controller.abort(reason);

    await expect(run).rejects.toBe(reason);
    expect(workflow.status).toBe('cancelled');
  });

  it('aborts nothing after the run has ended', async () => {
    const workflow = buildEcho();
    const controller = new AbortController();
    await workflow.run('go', { signal: controller.signal });

    controller.abort();

    expect(workflow.status).toBe('idle');
  });

  it('leaves the instance usable', async () => {
    const workflow = buildEcho();
    await workflow.run('go', { signal: AbortSignal.abort() }).catch(() => {});

    const { outputs } = await workflow.run('next');

    expect(outputs).toEqual(['next']);
  });
});

describe('snapshotEvents', () => {
  const message = { items: ['sent'] };
  const start = defineExecutor('start', (value: typeof message) => {
    value.items.push('changed');
  });
  const invokedWith = async (snapshotEvents: boolean): Promise<unknown> => {
    const workflow = new WorkflowBuilder({ name: 'snapshot', start, snapshotEvents }).build();
    const events = await eventsOf(workflow, structuredClone(message));
    return events.find(({ type }) => type === 'executor_invoked')?.['data'];
  };

  it('copies payloads when they are told', async () => {
    expect(await invokedWith(true)).toEqual({ items: ['sent'] });
  });

  it('hands out the values themselves where it is off', async () => {
    expect(await invokedWith(false)).toEqual({ items: ['sent', 'changed'] });
  });

  it('hands out a value that cannot be copied', async () => {
    const call = (): void => {};
    const caller = defineExecutor('caller', (_message: unknown, ctx) => ctx.yield(call));
    const workflow = new WorkflowBuilder({
      name: 'snapshot',
      start: caller,
      snapshotEvents: true,
    }).build();

    const events = await eventsOf(workflow, 'go');

    expect(events.find(({ type }) => type === 'output')?.['data']).toBe(call);
  });
});
