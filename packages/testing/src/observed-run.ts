import {
  eventToJson,
  type WorkflowEvent,
  type WorkflowResult,
  type WorkflowRun,
} from '@colloquy/core';

import { traceProblems } from './trace/trace-problems.ts';
import { TraceError } from './trace/check-trace.ts';

/** A run that has ended: what it told, what it came to, or why it did not. */
export interface ObservedRun {
  /** Its events as text, without what is made up for each run. */
  readonly events: readonly string[];
  readonly result: WorkflowResult | undefined;
  readonly error: unknown;
}

/**
 * Reads a run to its end.
 *
 * @throws {TraceError} when its events break a rule.
 */
export async function observeRun(run: WorkflowRun): Promise<ObservedRun> {
  const events: WorkflowEvent[] = [];
  for await (const event of run) events.push(event);
  const [end] = await Promise.allSettled([run.result]);
  const result = end.status === 'fulfilled' ? end.value : undefined;
  const problems = events.length === 0 ? [] : traceProblems(events, result);
  if (problems.length > 0) throw new TraceError(problems);
  const error: unknown = end.status === 'rejected' ? end.reason : undefined;
  return { events: comparableEvents(events), result, error };
}

const MADE_UP_ID = /\b(?:agent|branch|checkpoint|run|session|thread|req)_\w+/g;

/** Events as text that is the same for runs that do the same. */
function comparableEvents(events: readonly WorkflowEvent[]): string[] {
  const names = new Map<string, string>();
  return events.map((event) => {
    const { timestamp: _timestamp, ...rest } = eventToJson(event);
    return JSON.stringify(rest).replaceAll(MADE_UP_ID, (id) => {
      const name = names.get(id) ?? `id ${names.size}`;
      names.set(id, name);
      return name;
    });
  });
}

/** What an error says; `undefined` for none. */
export function messageOfError(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  return error instanceof Error ? error.message : JSON.stringify(error);
}
