import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { ofType, withoutStamp, type PlainEvent } from '../../test/run-events.ts';
import { Executor } from '../graph/executor.ts';
import { defineExecutor } from '../graph/executor-definition.ts';
import { on } from '../graph/handler.ts';
import { defineRequest } from '../graph/request-type.ts';
import { onResponse } from '../graph/response-handler.ts';
import { WorkflowBuilder } from './workflow-builder.ts';
import { type WorkflowRun } from './workflow-run.ts';

const Approval = defineRequest('approval', {
  request: z.object({ draft: z.string() }),
  response: z.object({ approve: z.boolean(), note: z.string().optional() }),
});

const editor = defineExecutor('editor')
  .on(String, (draft, ctx) => {
    for (const part of draft.split(',')) ctx.request(Approval, { draft: part });
  })
  .onResponse(Approval, (answer, request, ctx) =>
    ctx.yield(answer.approve ? request.draft : `rejected: ${answer.note}`),
  );

const build = () => new WorkflowBuilder({ name: 'publish', start: editor }).build();

async function eventsOf(run: WorkflowRun): Promise<PlainEvent[]> {
  const events: PlainEvent[] = [];
  for await (const event of run) events.push(withoutStamp(event));
  return events;
}

const errorOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a run that asks', () => {
  it('rests with the request pending, and says what an answer must be', async () => {
    const result = await build().run('Hello');

    expect(result.state).toBe('idle_with_pending_requests');
    expect(result.pendingRequests).toEqual([
      {
        id: expect.stringMatching(/^req_/),
        type: 'approval',
        executorId: 'editor',
        data: { draft: 'Hello' },
        responseSchema: expect.objectContaining({ type: 'object', required: ['approve'] }),
      },
    ]);
  });

  it('asks with requests that their types know', async () => {
    const { pendingRequests } = await build().run('Hello');
    const Other = defineRequest('other', { request: z.string(), response: z.string() });

    expect(pendingRequests.find(Approval.is)?.data.draft).toBe('Hello');
    expect(pendingRequests.find(Other.is)).toBeUndefined();
  });

  it('tells of the request at once and of the changed state once', async () => {
    const events = await eventsOf(build().stream('a,b'));

    expect(events.map(({ type, state }) => state ?? type)).toEqual([
      'started',
      'in_progress',
      'superstep_started',
      'executor_invoked',
      'request_info',
      'in_progress_pending_requests',
      'request_info',
      'executor_completed',
      'superstep_completed',
      'idle_with_pending_requests',
    ]);
  });

  it('refuses a request whose answer nobody handles', async () => {
    const silent = defineExecutor('silent', (draft: string, ctx) =>
      ctx.request(Approval, { draft }),
    );
    const workflow = new WorkflowBuilder({ name: 'silent', start: silent }).build();

    expect(await errorOf(workflow.run('x'))).toMatchObject({
      cause: { code: 'request/no-handler' },
    });
  });

  it('refuses data that does not fit, and an id that waits already', async () => {
    const twice = defineExecutor('twice')
      .on(String, (draft, ctx) => {
        ctx.request(Approval, { draft }, { id: 'same' });
        ctx.request(Approval, { draft }, { id: 'same' });
      })
      .on(Number, (_, ctx) => ctx.request(Approval, { draft: 1 } as never))
      .onResponse(Approval, () => {});
    const workflow = new WorkflowBuilder({ name: 'twice', start: twice }).build();

    expect(await errorOf(workflow.run('x'))).toMatchObject({
      cause: { code: 'request/repeated-id' },
    });
    expect(await errorOf(workflow.run(1))).toMatchObject({
      cause: { code: 'schema/invalid-payload' },
    });
    expect((await workflow.resume()).pendingRequests).toEqual([]);
  });

  it('U2: discards the requests of a superstep that fails', async () => {
    const failing = defineExecutor('failing')
      .on(String, (draft, ctx) => {
        ctx.request(Approval, { draft });
        throw new Error('no');
      })
      .onResponse(Approval, () => {});
    const workflow = new WorkflowBuilder({ name: 'failing', start: failing }).build();

    await errorOf(workflow.run('x'));

    expect((await workflow.resume()).pendingRequests).toEqual([]);
  });
});

describe('answers', () => {
  it('reach the handler with what was asked, and end the waiting', async () => {
    const workflow = build();
    const { pendingRequests } = await workflow.run('Hello');
    const id = pendingRequests[0]?.id ?? '';

    const done = await workflow.resume({ responses: { [id]: { approve: true } } });

    expect(done).toMatchObject({ state: 'idle', outputs: ['Hello'], pendingRequests: [] });
  });

  it('may come one by one; supersteps are counted on', async () => {
    const workflow = build();
    const { pendingRequests } = await workflow.run('a,b');
    const [first, second] = pendingRequests.map(({ id }) => id);

    const partial = await workflow.resume({ responses: { [first ?? '']: { approve: true } } });
    const run = workflow.streamResume({
      responses: { [second ?? '']: { approve: false, note: 'dull' } },
    });
    const events = await eventsOf(run);

    expect(partial).toMatchObject({ state: 'idle_with_pending_requests', outputs: ['a'] });
    expect(ofType(events, 'superstep_started')).toEqual([
      { type: 'superstep_started', superstep: 3 },
    ]);
    expect(await run.result).toMatchObject({ state: 'idle', outputs: ['rejected: dull'] });
  });

  it('are taken in the order of the questions, all or none', async () => {
    const workflow = build();
    const { pendingRequests } = await workflow.run('a,b');
    const [first = '', second = ''] = pendingRequests.map(({ id }) => id);

    const bad = { [first]: { approve: true }, [second]: { approve: 'maybe' } };
    expect(await errorOf(workflow.resume({ responses: bad }))).toMatchObject({
      code: 'request/invalid-response',
      requestIds: [second],
    });
    expect(workflow.status).toBe('idle_with_pending_requests');

    const good = { [second]: { approve: true }, [first]: { approve: true } };
    expect((await workflow.resume({ responses: good })).outputs).toEqual(['a', 'b']);
  });

  it('are refused when the id was never asked, or the answer came before', async () => {
    const workflow = build();
    const { pendingRequests } = await workflow.run('a,b');
    const [first = ''] = pendingRequests.map(({ id }) => id);
    await workflow.resume({ responses: { [first]: { approve: true } } });

    const answer = { approve: true };
    expect(await errorOf(workflow.resume({ responses: { nope: answer } }))).toMatchObject({
      code: 'request/unknown',
      requestId: 'nope',
    });
    expect(await errorOf(workflow.resume({ responses: { [first]: answer } }))).toMatchObject({
      code: 'request/stale',
    });
    expect(await errorOf(workflow.resume({ responses: {} }))).toMatchObject({
      code: 'request/invalid-response',
    });
    const run = workflow.streamResume({ responses: { nope: answer } });
    expect(await errorOf(run.result)).toMatchObject({ code: 'request/unknown' });
    expect(workflow.status).toBe('idle_with_pending_requests');
  });

  it('of a conversation that was left are stale', async () => {
    const workflow = build();
    const { pendingRequests } = await workflow.run('a');
    await workflow.resetForNewRun();

    const responses = { [pendingRequests[0]?.id ?? '']: { approve: true } };

    expect(await errorOf(workflow.resume({ responses }))).toMatchObject({ code: 'request/stale' });
    expect(workflow.status).toBe('idle');
  });

  it('may wait while other input is run', async () => {
    const workflow = build();
    const { pendingRequests } = await workflow.run('a');
    const second = await workflow.run('b');

    expect(second.pendingRequests.map(({ data }) => data)).toEqual([
      { draft: 'a' },
      { draft: 'b' },
    ]);
    const responses = { [pendingRequests[0]?.id ?? '']: { approve: true } };
    expect((await workflow.resume({ responses })).outputs).toEqual(['a']);
  });

  it('C3: may be given again when their handler failed', async () => {
    let isBroken = true;
    const fragile = defineExecutor('fragile')
      .on(String, (draft, ctx) => ctx.request(Approval, { draft }, { id: 'once' }))
      .onResponse(Approval, (_answer, { draft }, ctx) => {
        if (isBroken) throw new Error('broken');
        ctx.yield([draft, ctx.requestId]);
      });
    const workflow = new WorkflowBuilder({ name: 'fragile', start: fragile }).build();
    await workflow.run('a');
    const responses = { once: { approve: true } };
    await errorOf(workflow.resume({ responses }));

    isBroken = false;
    const again = await workflow.resume({ responses });

    expect(again).toMatchObject({ state: 'idle', outputs: [['a', 'once']] });
  });

  it('reach the handlers of a class, by kind of request', async () => {
    const Count = defineRequest('count', { request: z.string(), response: z.number() });
    class Asker extends Executor {
      override readonly stateless = true;
      readonly handlers = [
        on(String, (text, ctx) => {
          ctx.request(Approval, { draft: text }, { id: 'approval' });
          ctx.request(Count, text, { id: 'count' });
        }),
      ];
      override readonly responseHandlers = [
        onResponse(Approval, ({ approve }, { draft }, ctx) => ctx.yield([draft, approve])),
        onResponse(Count, (count, text, ctx) => ctx.yield([text, count])),
      ];
    }
    const workflow = new WorkflowBuilder({ name: 'class', start: new Asker('asker') }).build();
    await workflow.run('x');

    const done = await workflow.resume({ responses: { count: 7, approval: { approve: false } } });

    expect(done.outputs).toEqual([
      ['x', false],
      ['x', 7],
    ]);
  });
});
