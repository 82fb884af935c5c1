import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';

import { createThenable, settleTurns } from '../../test/deferred.ts';
import { eventsOf, ofType } from '../../test/run-events.ts';
import { defineExecutor } from '../graph/executor-definition.ts';
import { defineMessage } from '../graph/message-type.ts';
import { WorkflowBuilder } from './workflow-builder.ts';

const source = defineExecutor('source', (message: unknown) => message);
const sink = (id: string) =>
  defineExecutor(id, (message: unknown, ctx) => ctx.yield([id, message]));
const numbers = (id: string) =>
  defineExecutor(id).on(Number, (value, ctx) => ctx.yield([id, value]));
const times = (id: string, factor: number) =>
  defineExecutor(id).on(Number, (value) => value * factor);

describe('the order of a superstep', () => {
  it('P1: is by the sources and then by sending, whoever ended first', async () => {
    const sender = (id: string, turns: number) =>
      defineExecutor(id, async (_message: unknown, ctx) => {
        ctx.send(`${id}1`);
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
        ctx.send(`${id}2`);
      });
    const [slow, fast] = [sender('slow', 20), sender('fast', 0)];
    const end = sink('end');
    const workflow = new WorkflowBuilder({ name: 'order', start: source })
      .addFanOut(source, [slow, fast])
      .addEdge(fast, end)
      .addEdge(slow, end)
      .build();

    const { outputs } = await workflow.run('go');

    expect(outputs).toEqual(['slow1', 'slow2', 'fast1', 'fast2'].map((text) => ['end', text]));
  });

  it('delivers in the next superstep what is sent in one', async () => {
    const log: string[] = [];
    const talker = defineExecutor('talker', async (_message: unknown, ctx) => {
      ctx.send('early');
      await Promise.resolve();
      log.push('talker ends');
    });
    const listener = defineExecutor('listener', () => {
      log.push('listener starts');
    });
    const workflow = new WorkflowBuilder({ name: 'next', start: talker })
      .addEdge(talker, listener)
      .build();

    await workflow.run('go');

    expect(log).toEqual(['talker ends', 'listener starts']);
  });

  it('gives one executor one message at a time', async () => {
    const log: string[] = [];
    const twice = defineExecutor('twice', (_message: unknown, ctx) => {
      ctx.send(1);
      ctx.send(2);
    });
    const careful = defineExecutor('careful', async (message: unknown) => {
      log.push(`begin ${String(message)}`);
      await Promise.resolve();
      log.push(`end ${String(message)}`);
    });
    const workflow = new WorkflowBuilder({ name: 'serial', start: twice })
      .addEdge(twice, careful)
      .build();

    await workflow.run('go');

    expect(log).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  it('runs no superstep for messages that no edge carries', async () => {
    const workflow = new WorkflowBuilder({ name: 'end', start: source }).build();

    const { supersteps } = await workflow.run('sent to nobody');

    expect(supersteps).toBe(1);
  });

  it('sends null, and nothing for undefined', async () => {
    const both = defineExecutor('both', (message: unknown) => (message === 1 ? null : undefined));
    const workflow = new WorkflowBuilder({ name: 'null', start: both })
      .addEdge(both, sink('end'))
      .build();

    const results = [await workflow.run(1), await workflow.run(2)];

    expect(results.map(({ outputs }) => outputs)).toEqual([[['end', null]], []]);
  });

  it('sends on what a thenable that is no promise resolves with', async () => {
    const lazy = defineExecutor('lazy', () => createThenable('resolved'));
    const workflow = new WorkflowBuilder({ name: 'lazy', start: lazy })
      .addEdge(lazy, sink('end'))
      .build();

    const { outputs } = await workflow.run('go');

    expect(outputs).toEqual([['end', 'resolved']]);
  });

  it('gives a message to the first handler that takes it', async () => {
    const Ping = defineMessage('ping', z.object({ count: z.number() }));
    const picky = defineExecutor('picky')
      .on(Ping, ({ count }, ctx) => ctx.yield(`ping ${count}`))
      .on(z.object({ type: z.string() }), ({ type }, ctx) => ctx.yield(`some ${type}`));
    const workflow = new WorkflowBuilder({ name: 'picky', start: picky }).build();

    const results = [await workflow.run(Ping({ count: 1 })), await workflow.run({ type: 'pong' })];

    expect(results.flatMap(({ outputs }) => outputs)).toEqual(['ping 1', 'some pong']);
  });
});

/** Sends each of a list. */
const sender = defineExecutor('sender', (messages: readonly unknown[], ctx) => {
  for (const message of messages) ctx.send(message);
});

describe('a fan-in', () => {
  const [x, y] = [times('x', 10), times('y', 100)];
  const build = () =>
    new WorkflowBuilder({ name: 'join', start: sender })
      .addEdge(sender, x, { when: (value) => value !== 2 })
      .addEdge(sender, y, { when: (value) => value !== 1 })
      .addFanIn([y, x], sink('join'))
      .build();

  it('P2: delivers all that is buffered, in the order of the sources and then of sending', async () => {
    const { outputs } = await build().run([1, 2, 3]);

    expect(outputs).toEqual([['join', [200, 300, 10, 30]]]);
  });

  it('fires again when it is complete again', async () => {
    const counter = defineExecutor('counter', (value: unknown) => Number(value));
    const loop = defineExecutor('loop').on(z.array(z.number()), ([first = 0], ctx) => {
      ctx.yield(first);
      if (first < 3) ctx.send(first + 1);
    });
    const [left, right] = [times('left', 1), times('right', 1)];
    const workflow = new WorkflowBuilder({ name: 'again', start: counter })
      .addFanOut(counter, [left, right])
      .addFanIn([left, right], loop)
      .addEdge(loop, counter)
      .build();

    const { outputs } = await workflow.run(1);

    expect(outputs).toEqual([1, 2, 3]);
  });

  it('warns of messages that it still holds when the run ends', async () => {
    const events = await eventsOf(build(), [1]);

    expect(ofType(events, 'warning')).toEqual([
      {
        type: 'warning',
        code: 'fan-in-starved',
        message:
          'The fan-in "[y,x]->join" still held messages from x when the run ended, because other sources never sent. They were dropped.',
      },
    ]);
  });

  it('keeps nothing for the next run', async () => {
    const workflow = build();
    await workflow.run([1]);

    const { outputs } = await workflow.run([2]);

    expect(outputs).toEqual([]);
  });

  it('drops a list that its target does not take, once', async () => {
    const strings = defineExecutor('strings').on(z.array(z.string()), () => {});
    const workflow = new WorkflowBuilder({ name: 'join', start: sender })
      .addFanOut(sender, [x, y])
      .addFanIn([x, y], strings)
      .build();

    const events = await eventsOf(workflow, [1]);

    expect(ofType(events, 'message_dropped')).toEqual([
      {
        type: 'message_dropped',
        sourceId: 'x, y',
        target: 'strings',
        reason: 'no_handler',
        data: [10, 100],
      },
    ]);
  });

  it('tells its target who sent', async () => {
    const join = defineExecutor('join', (_message: unknown, ctx) => ctx.yield(ctx.sourceIds));
    const workflow = new WorkflowBuilder({ name: 'join', start: sender })
      .addFanOut(sender, [x, y])
      .addFanIn([y, x], join)
      .build();

    const { outputs } = await workflow.run([1]);

    expect(outputs).toEqual([['y', 'x']]);
  });
});

describe('a message with a target', () => {
  const targeted = defineExecutor('targeted', (target: string, ctx) =>
    ctx.send('hello', { target }),
  );

  it('reaches only its target', async () => {
    const workflow = new WorkflowBuilder({ name: 'target', start: targeted })
      .addFanOut(targeted, [sink('a'), sink('b')])
      .build();

    const { outputs } = await workflow.run('b');

    expect(outputs).toEqual([['b', 'hello']]);
  });

  it('is dropped once where no edge leads to its target', async () => {
    const workflow = new WorkflowBuilder({ name: 'target', start: targeted })
      .addEdge(targeted, sink('a'))
      .addEdge(targeted, sink('b'))
      .build();

    const events = await eventsOf(workflow, 'ghost');

    expect(ofType(events, 'message_dropped')).toEqual([
      {
        type: 'message_dropped',
        sourceId: 'targeted',
        target: 'ghost',
        reason: 'unknown_target',
        data: 'hello',
      },
    ]);
  });

  it('is not dropped where the condition of the edge to its target does not hold', async () => {
    const workflow = new WorkflowBuilder({ name: 'target', start: targeted })
      .addEdge(targeted, sink('a'), { when: () => false })
      .build();

    const events = await eventsOf(workflow, 'a');

    expect(ofType(events, 'message_dropped', 'output')).toEqual([]);
  });

  it('asks no condition of edges that lead elsewhere', async () => {
    const asked: string[] = [];
    const workflow = new WorkflowBuilder({ name: 'target', start: targeted })
      .addEdge(targeted, sink('a'), { when: () => asked.push('when') > 0 })
      .addFanOut(targeted, [sink('b'), sink('c')], {
        select: (_message, targets) => (asked.push('select') > 0 ? targets : []),
      })
      .addEdge(targeted, sink('d'))
      .build();

    const { outputs } = await workflow.run('d');

    expect([outputs, asked]).toEqual([[['d', 'hello']], []]);
  });
});

describe('a message that nobody handles', () => {
  it('P3: is dropped once, whatever number of edges it has', async () => {
    const workflow = new WorkflowBuilder({ name: 'types', start: sender })
      .addEdge(sender, numbers('a'))
      .addFanOut(sender, [numbers('b'), numbers('c')])
      .build();

    const events = await eventsOf(workflow, ['text']);

    expect(ofType(events, 'message_dropped')).toEqual([
      { type: 'message_dropped', sourceId: 'sender', reason: 'no_handler', data: 'text' },
    ]);
  });

  it('is not dropped where one target of several handles it', async () => {
    const strings = defineExecutor('strings').on(String, () => {});
    const workflow = new WorkflowBuilder({ name: 'types', start: sender })
      .addFanOut(sender, [numbers('a'), strings])
      .build();

    const events = await eventsOf(workflow, ['text']);

    expect(ofType(events, 'message_dropped')).toEqual([]);
  });

  it.each([
    ['a condition that does not hold', { when: () => false }],
    ['a promise of it', { when: async () => false }],
  ])('is none where it meets %s', async (_, options) => {
    const workflow = new WorkflowBuilder({ name: 'conditions', start: sender })
      .addEdge(sender, sink('a'), options)
      .build();

    const events = await eventsOf(workflow, ['text']);

    expect(ofType(events, 'message_dropped', 'superstep_started')).toEqual([
      { type: 'superstep_started', superstep: 1 },
    ]);
  });

  it('is none where a selection is empty', async () => {
    const workflow = new WorkflowBuilder({ name: 'selection', start: sender })
      .addFanOut(sender, [sink('a'), sink('b')], { select: () => [] })
      .build();

    const events = await eventsOf(workflow, ['text']);

    expect(ofType(events, 'message_dropped')).toEqual([]);
  });
});

describe('an edge condition that throws', () => {
  const build = () =>
    new WorkflowBuilder({ name: 'edge', start: source })
      .addEdge(source, sink('a'), {
        when: async (message) => {
          if (message === 'bad') throw new Error('no idea');
          return true;
        },
      })
      .build();

  it('fails the run with an EdgeError', async () => {
    await expect(build().run('bad')).rejects.toMatchObject({
      name: 'EdgeError',
      code: 'workflow/edge-failed',
      edgeId: 'source->a',
      message: 'Edge "source->a" cannot route a message: its condition threw no idea',
    });
  });

  it('is told in the superstep that the message would have begun', async () => {
    const events = await eventsOf(build(), 'bad');

    expect(events.slice(-4)).toEqual([
      { type: 'superstep_completed', superstep: 1 },
      { type: 'superstep_started', superstep: 2 },
      {
        type: 'failed',
        error: 'Edge "source->a" cannot route a message: its condition threw no idea',
      },
      { type: 'status', state: 'failed' },
    ]);
  });

  it('leaves the instance usable', async () => {
    const workflow = build();
    await workflow.run('bad').catch(() => {});

    const { outputs } = await workflow.run('good');

    expect(outputs).toEqual([['a', 'good']]);
  });

  it('fails the run where it is the condition of a switch', async () => {
    const workflow = new WorkflowBuilder({ name: 'switch', start: source })
      .addSwitch(source, [
        {
          when: () => {
            throw new Error('no idea');
          },
          to: sink('a'),
        },
        { to: sink('b') },
      ])
      .build();

    await expect(workflow.run('x')).rejects.toMatchObject({ name: 'EdgeError' });
  });

  it('is the one that is told where a promised answer fails as well', async () => {
    const unhandled = vi.fn<() => void>();
    process.on('unhandledRejection', unhandled);
    const workflow = new WorkflowBuilder({ name: 'both', start: source })
      .addEdge(source, sink('a'), { when: () => Promise.reject(new Error('later')) })
      .addEdge(source, sink('b'), {
        when: () => {
          throw new Error('at once');
        },
      })
      .build();

    const error: unknown = await workflow.run('x').catch((reason: unknown) => reason);
    await settleTurns();
    process.off('unhandledRejection', unhandled);

    expect(error).toMatchObject({ name: 'EdgeError', edgeId: 'source->b' });
    expect(unhandled).not.toHaveBeenCalled();
  });
});
