import { type RunProgress } from './run-record.ts';
import { type RunnerContext } from './runner-context.ts';

/** What is done to an instance between two supersteps of a run. */
export type BetweenSupersteps = (context: RunnerContext, progress: RunProgress) => Promise<void>;

let between: BetweenSupersteps | undefined;

/** Has something done between all supersteps of this process; only tests do, to run a suite on decoded states. */
export function setBetweenSupersteps(work: BetweenSupersteps | undefined): void {
  between = work;
}

/** What `setBetweenSupersteps` was given, if anything. */
export function betweenSupersteps(): BetweenSupersteps | undefined {
  return between;
}
