/** Checks the trace of every run of the suite, whether or not the test looks at its events. */
import { type WorkflowEvent, type WorkflowResult } from '@colloquy/core';
import { afterEach, beforeEach } from 'vitest';

import { setRunObserver } from '../../packages/core/src/runtime/run-observer.ts';
import { traceProblems } from '../../packages/testing/src/trace/trace-problems.ts';

let found: string[] = [];

setRunObserver(() => {
  const events: WorkflowEvent[] = [];
  const check = (result?: WorkflowResult): void => {
    for (const { rule, message, seq } of traceProblems(events, result))
      found.push(`${rule}, event ${seq ?? 'none'}: ${message}`);
  };
  return {
    onEvent: (event) => events.push(event),
    // A run that is refused before it begins tells nothing.
    onEnd: () => void (events.length > 0 && check()),
    // The engine gives what `run` resolves with.
    onResult: (result) => check(result as WorkflowResult),
  };
});

beforeEach(() => {
  found = [];
});

afterEach(() => {
  if (found.length > 0)
    throw new Error(`The trace of a run breaks a rule:\n${[...new Set(found)].join('\n')}`);
});
