import { type WorkflowEvent, type WorkflowResult } from '@colloquy/core';

import { endStateOf, segmentProblems, segmentsOf } from './segment.ts';
import { type TraceEvent, toTraceEvent } from './trace-event.ts';
import { type TraceProblem } from './trace-problem.ts';

/** Everything that is wrong with the events of one run, or of several one after another; see `checkTrace`. */
export function traceProblems(
  events: readonly WorkflowEvent[],
  result?: WorkflowResult,
): readonly TraceProblem[] {
  const runs = runsOf(events.map(toTraceEvent));
  if (runs.length === 0) return [{ rule: 'beginning', message: 'there are no events' }];
  return runs.flatMap((run, index) =>
    problemsOfRun(run, index === runs.length - 1 ? result : undefined),
  );
}

function runsOf(events: readonly TraceEvent[]): TraceEvent[][] {
  const runs: TraceEvent[][] = [];
  for (const event of events) {
    const run = runs.at(-1);
    if (run?.[0]?.runId === event.runId) run.push(event);
    else runs.push([event]);
  }
  return runs;
}

function problemsOfRun(
  events: readonly TraceEvent[],
  result: WorkflowResult | undefined,
): TraceProblem[] {
  const own = events.filter(({ path }) => path === undefined);
  const state = endStateOf(own);
  // What a run that was cut off still does within a sub-workflow is not told.
  const isCut = state === 'failed' || state === 'cancelled';
  const segments = segmentsOf(events).filter(({ path }) => path.length === 0 || !isCut);
  const isAtRest = state === 'idle';
  return [
    ...sequenceProblems(events),
    ...segments.flatMap(segmentProblems),
    ...requestProblems(own, result),
    ...(isAtRest ? turnProblems(own) : []),
    ...(result === undefined ? [] : resultProblems(own, result)),
  ];
}

function sequenceProblems(events: readonly TraceEvent[]): TraceProblem[] {
  return events.flatMap(({ seq }, index) =>
    seq === index + 1
      ? []
      : [{ rule: 'sequence' as const, message: `expected number ${index + 1}, got ${seq}`, seq }],
  );
}

function requestProblems(
  own: readonly TraceEvent[],
  result: WorkflowResult | undefined,
): TraceProblem[] {
  const waiting = new Set(result?.pendingRequests.map(({ id }) => id));
  const problems: TraceProblem[] = [];
  const seen = new Set<string>();
  for (const [index, event] of own.entries()) {
    if (event.type !== 'request_info') continue;
    const { id, executorId } = event.request;
    const add = (message: string): number =>
      problems.push({ rule: 'request', message, seq: event.seq });
    if (seen.has(id)) add(`request "${id}" is told twice`);
    seen.add(id);
    const isTakenUp = own
      .slice(index)
      .some((later) => later.type === 'executor_invoked' && later.executorId === executorId);
    if (result !== undefined && !waiting.has(id) && !isTakenUp)
      add(`request "${id}" of "${executorId}" is neither answered nor pending`);
  }
  return problems;
}

function turnProblems(own: readonly TraceEvent[]): TraceProblem[] {
  const turns = own.flatMap((event) =>
    event.type === 'custom' && event.turn !== undefined ? [{ ...event.turn, seq: event.seq }] : [],
  );
  return turns.flatMap(({ isAsked, key, seq }, index) => {
    const isHeard = turns.slice(index).some((later) => !later.isAsked && later.key === key);
    if (!isAsked || isHeard) return [];
    const message = `who was asked to speak has not: round and participant ${key}`;
    return [{ rule: 'turn' as const, message, seq }];
  });
}

function resultProblems(own: readonly TraceEvent[], result: WorkflowResult): TraceProblem[] {
  const state = endStateOf(own);
  const completed = own.filter(({ type }) => type === 'superstep_completed').length;
  const isWaiting = result.pendingRequests.length > 0;
  const expectations: readonly (readonly [holds: boolean, message: string])[] = [
    [result.runId === own[0]?.runId, `the result is of run ${result.runId}, the events are not`],
    [result.state === state, `the result says ${result.state}, the events say ${state}`],
    [
      isWaiting === (result.state === 'idle_with_pending_requests'),
      `the run is ${result.state} with ${result.pendingRequests.length} requests`,
    ],
    [
      typeof result.stopReason?.code === 'string' && result.stopReason.code !== '',
      'the result does not say why the run ended',
    ],
    [
      result.supersteps === completed,
      `the result has ${result.supersteps} supersteps, the events ${completed}`,
    ],
    [
      result.outputs.length >= outputsIn(own),
      `the result has ${result.outputs.length} outputs, the events ${outputsIn(own)}`,
    ],
  ];
  return expectations.flatMap(([holds, message]) =>
    holds ? [] : [{ rule: 'result' as const, message }],
  );
}

/** Outputs of supersteps that were completed; the others are dropped. */
function outputsIn(own: readonly TraceEvent[]): number {
  const last = own.findLastIndex(({ type }) => type === 'superstep_completed');
  return own.slice(0, last + 1).filter(({ type }) => type === 'output').length;
}
