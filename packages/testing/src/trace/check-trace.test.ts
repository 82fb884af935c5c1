import {
  defineEvent,
  defineExecutor,
  defineRequest,
  subWorkflow,
  WorkflowBuilder,
  type WorkflowEvent,
  type WorkflowResult,
} from '@colloquy/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { checkTrace, TraceError } from './check-trace.ts';
import { traceProblems } from './trace-problems.ts';

const Question = defineRequest('question', { request: z.string(), response: z.string() });
const Said = defineEvent('said', z.object({ text: z.string() }));

/** A start, two beside each other of which one runs a sub-workflow, and one who asks. */
function build() {
  const shout = defineExecutor('shout').on(String, (text, ctx) => ctx.yield(text.toUpperCase()));
  const inner = new WorkflowBuilder({ name: 'inner', start: shout }).build();
  const start = defineExecutor('start').on(String, (text, ctx) => {
    ctx.emit(Said({ text }));
    return text;
  });
  const sub = subWorkflow(inner, { id: 'sub' });
  const plain = defineExecutor('plain').on(String, async (text) => `${text}!`);
  const last = defineExecutor('last')
    .on(String, (text, ctx) => ctx.request(Question, text))
    .onResponse(Question, (answer, _question, ctx) => ctx.yield(answer));
  return new WorkflowBuilder({ name: 'outer', start })
    .addFanOut(start, [sub, plain])
    .addEdge(sub, last)
    .addEdge(plain, last)
    .build();
}

interface Trace {
  readonly events: WorkflowEvent[];
  readonly result: WorkflowResult;
}

async function traceOf(run: AsyncIterable<WorkflowEvent> & { result: Promise<WorkflowResult> }) {
  const events: WorkflowEvent[] = [];
  for await (const event of run) events.push(event);
  return { events, result: await run.result };
}

const paused = async (): Promise<Trace> => traceOf(build().stream('hi'));

/** As if the trace had been written like this. */
function renumbered(events: readonly WorkflowEvent[]): WorkflowEvent[] {
  return events.map((event, index) => ({ ...event, seq: index + 1 }));
}

function rulesOf(events: readonly WorkflowEvent[], result?: WorkflowResult): string[] {
  return [...new Set(traceProblems(events, result).map(({ rule }) => rule))];
}

const STRUCTURE = new Set([
  'started',
  'superstep_started',
  'superstep_completed',
  'executor_invoked',
  'executor_completed',
]);

describe('checkTrace', () => {
  it('finds nothing wrong with what the engine tells, over several runs', async () => {
    const workflow = build();
    const first = await traceOf(workflow.stream('hi'));
    const responses = Object.fromEntries(
      first.result.pendingRequests.map(({ id }) => [id, 'yes'] as const),
    );
    const second = await traceOf(workflow.streamResume({ responses }));

    expect(() => checkTrace(first.events, first.result)).not.toThrow();
    expect(() => checkTrace([...first.events, ...second.events], second.result)).not.toThrow();
  });

  it('takes a run that failed or was cancelled as it is', async () => {
    const failing = defineExecutor('failing').on(String, () => Promise.reject(new Error('no')));
    const run = new WorkflowBuilder({ name: 'w', start: failing }).build().stream('x');
    const cancelled = build().stream('x');
    await cancelled.cancel();
    const events = [];
    for await (const event of run) events.push(event);

    expect(traceProblems(events)).toEqual([]);
  });

  it('finds out when any event of the structure is missing or comes twice', async () => {
    const { events } = await paused();
    const places = events.flatMap(({ type }, index) => (STRUCTURE.has(type) ? [index] : []));

    fc.assert(
      fc.property(fc.constantFrom(...places), fc.boolean(), (place, isMissing) => {
        const event = events[place];
        const copies = isMissing || event === undefined ? [] : [event, event];
        const changed = [...events.slice(0, place), ...copies, ...events.slice(place + 1)];
        expect(traceProblems(renumbered(changed))).not.toEqual([]);
      }),
    );
  });

  it('finds out when the trace ends early, or goes on', async () => {
    const { events, result } = await paused();

    expect(rulesOf(events.slice(0, -1))).toEqual(['end']);
    expect(rulesOf(renumbered([...events, { ...events[3], type: 'warning' } as never]))).toEqual([
      'end',
    ]);
    expect(rulesOf([])).toEqual(['beginning']);
    expect(rulesOf(events.slice(1, 2))).toEqual(['sequence', 'beginning', 'end']);
    expect(rulesOf(events.slice(0, -1), result)).toContain('result');
  });

  it('finds a request that is lost', async () => {
    const { events, result } = await paused();

    expect(
      rulesOf(events, { ...result, state: 'idle_with_pending_requests', pendingRequests: [] }),
    ).toEqual(['request', 'result']);
  });

  it('finds a request that is told twice', async () => {
    const { events } = await paused();
    const asked = events.findIndex(({ type }) => type === 'request_info');

    expect(
      rulesOf(renumbered(events.toSpliced(asked, 0, ...events.slice(asked, asked + 1)))),
    ).toEqual(['request']);
  });

  it('finds who was asked to speak and has not', async () => {
    const Turn = defineEvent('group_chat', z.object({ kind: z.string(), round: z.number() }));
    const chat = defineExecutor('chat').on(String, (_text, ctx) => {
      for (const round of [0, 1]) {
        ctx.emit(Turn({ kind: 'request_sent', round }));
        ctx.emit(Turn({ kind: 'response_received', round }));
      }
    });
    const workflow = new WorkflowBuilder({ name: 'chatting', start: chat }).build();
    const { events } = await traceOf(workflow.stream('go'));
    const last = events.findLastIndex(({ type }) => type === 'group_chat');

    expect(rulesOf(events)).toEqual([]);
    expect(rulesOf(renumbered(events.toSpliced(last, 1)))).toEqual(['turn']);
  });

  it('finds a result that says something else', async () => {
    const { events, result } = await paused();
    const wrong: Partial<WorkflowResult>[] = [
      { runId: 'other' },
      { state: 'idle' },
      { stopReason: { code: '' } },
      { supersteps: 9 },
    ];

    expect(wrong.map((part) => rulesOf(events, { ...result, ...part }))).toEqual(
      wrong.map(() => ['result']),
    );
  });

  it('throws with everything that is wrong', async () => {
    const { events } = await paused();
    const changed = events.toSpliced(1, 1);

    expect(() => checkTrace(changed)).toThrow(TraceError);
    expect(() => checkTrace(changed)).toThrow(
      /^Expected a whole trace, got one with \d+ problems:\nsequence, event 3: /,
    );
  });
});
