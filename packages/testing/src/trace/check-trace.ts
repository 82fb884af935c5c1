import { ColloquyError, type WorkflowEvent, type WorkflowResult } from '@colloquy/core';

import { traceProblems } from './trace-problems.ts';
import { type TraceProblem } from './trace-problem.ts';

/** A trace is not what a run's trace has to be; `problems` has all that is wrong. */
export class TraceError extends ColloquyError {
  static override readonly errorName: string = 'TraceError';
  readonly problems: readonly TraceProblem[];

  constructor(problems: readonly TraceProblem[]) {
    const lines = problems.map(({ rule, message, seq }) =>
      seq === undefined ? `${rule}: ${message}` : `${rule}, event ${seq}: ${message}`,
    );
    super(
      `Expected a whole trace, got one with ${problems.length} problems:\n${lines.join('\n')}`,
      {
        code: 'testing/trace',
      },
    );
    this.problems = problems;
  }
}

/**
 * Checks what holds for the events of every run, as `workflow.stream` gives them from first to last.
 *
 * - `sequence`: numbers 1, 2, 3 … of one run after another.
 * - `beginning`, `end`: `started` first; an end state last, after it nothing; `failed` exactly where the run failed.
 * - `superstep`: numbered without a gap, one at a time, each completed unless the run failed or was cancelled.
 * - `invocation`: who is invoked completes or fails within its superstep, and tells of things only meanwhile.
 * - `request`: each has an id of its own, and waits at the end unless who asked has been invoked again.
 * - `turn`: who was asked to speak has spoken, unless the run failed, was cancelled or waits.
 * - `result`: says how and why the run ended, as the events do. Checked where the result is given.
 *
 * @param events - Of one run, or of several one after another.
 * @param result - Of the last of these runs.
 * @throws {TraceError} with everything that is wrong.
 */
export function checkTrace(events: readonly WorkflowEvent[], result?: WorkflowResult): void {
  const problems = traceProblems(events, result);
  if (problems.length > 0) throw new TraceError(problems);
}
