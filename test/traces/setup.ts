/** Checks the trace of every run of the suite, whether or not the test looks at its events. */
import { type WorkflowEvent, type WorkflowResult } from '@colloquy/core';
import { afterEach, beforeEach } from 'vitest';

import { setRunObserver } from '../../packages/core/src/runtime/run-observer.ts';
import { traceProblems } from '../../packages/testing/src/trace/trace-problems.ts';

const REST: ReadonlySet<unknown> = new Set(['idle', 'idle_with_pending_requests']);

let found: string[] = [];

setRunObserver(() => {
  const events: WorkflowEvent[] = [];
  const check = (result?: WorkflowResult): void => {
    for (const { rule, message, seq } of traceProblems(events, result))
      found.push(`${rule}, event ${seq ?? 'none'}: ${message}`);
  };
  return {
    onEvent: (event) => events.push(event),
    // Where there is a result it is checked with it; a run that is refused before it begins tells nothing.
    onEnd: () => {
      if (events.length > 0 && !hasResult(events)) check();
    },
    // The engine gives what `run` resolves with.
    onResult: (result) => check(result as WorkflowResult),
  };
});

/** Whether the run has come to rest, so that its caller gets a result. */
function hasResult(events: readonly WorkflowEvent[]): boolean {
  const last = events.at(-1);
  return last?.type === 'status' && 'state' in last && REST.has(last.state);
}

beforeEach(() => {
  found = [];
});

afterEach(() => {
  if (found.length > 0)
    throw new Error(`The trace of a run breaks a rule:\n${[...new Set(found)].join('\n')}`);
});
