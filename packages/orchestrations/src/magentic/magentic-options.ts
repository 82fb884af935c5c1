import { ConfigurationError } from '@colloquy/core';

import { describeValue } from '../shared/describe-value.ts';
import { assertCount, assertLimit } from '../shared/limits.ts';
import { toTerminationCondition, type TerminationPredicate } from '../termination/predicate.ts';
import { type TerminationCondition } from '../termination/termination-condition.ts';
import { type MagenticPrompts, promptsWith } from './prompts.ts';

/** How a team works. */
export interface MagenticSettings {
  /** The most turns of participants for a task; default 40. `Infinity` must be asked for. */
  readonly maxRounds?: number | undefined;
  /** How many stalls are borne before the plan is made anew; default 2. */
  readonly maxStalls?: number | undefined;
  /** How often the plan may be made anew; default 3. */
  readonly maxReplans?: number | undefined;
  /** How many calls the manager may make before it has to give its answer; unbounded without it. */
  readonly maxManagerCalls?: number | undefined;
  /** Ends the work; looks at the participants' replies. */
  readonly until?: TerminationCondition | TerminationPredicate | undefined;
  /** Whether a human looks at plans: never (default), at the first, or at every one that is made. */
  readonly planReview?: 'never' | 'initial' | 'always' | undefined;
  /** Whether a human is asked before a stall leads to another plan; default false. */
  readonly stallReview?: boolean | undefined;
  /** Whether participants are told the task and the plan; default true. */
  readonly shareLedger?: boolean | undefined;
  /** What a limit leads to: the best answer there is (default), a message that says so, or an error. */
  readonly onLimit?: 'bestEffort' | 'message' | 'throw' | undefined;
  /** What an input after the end leads to: an error (default), or a new task that knows what was said. */
  readonly afterCompletion?: 'throw' | 'newTask' | undefined;
  /** In place of ours; `taskLedger` is used whoever manages. */
  readonly prompts?: Partial<MagenticPrompts> | undefined;
}

/** The settings with their defaults. */
export interface ResolvedSettings {
  readonly maxRounds: number;
  readonly maxStalls: number;
  readonly maxReplans: number;
  readonly maxManagerCalls: number;
  readonly until: TerminationCondition | undefined;
  readonly planReview: 'never' | 'initial' | 'always';
  readonly stallReview: boolean;
  readonly shareLedger: boolean;
  readonly onLimit: 'bestEffort' | 'message' | 'throw';
  readonly afterCompletion: 'throw' | 'newTask';
  readonly prompts: MagenticPrompts;
}

/** How many turns a task may take when nothing else is said. */
const DEFAULT_MAX_ROUNDS = 40;

/** @throws {ConfigurationError} for a setting that cannot work. */
export function resolveSettings(settings: MagenticSettings): ResolvedSettings {
  const {
    maxRounds = DEFAULT_MAX_ROUNDS,
    maxStalls = 2,
    maxReplans = 3,
    maxManagerCalls = Infinity,
    planReview = 'never',
    onLimit = 'bestEffort',
    afterCompletion = 'throw',
  } = settings;
  assertLimit('maxRounds', maxRounds);
  assertLimit('maxManagerCalls', maxManagerCalls);
  assertCount('maxStalls', maxStalls);
  assertCount('maxReplans', maxReplans);
  assertWord('planReview', planReview, ['never', 'initial', 'always']);
  assertWord('onLimit', onLimit, ['bestEffort', 'message', 'throw']);
  assertWord('afterCompletion', afterCompletion, ['throw', 'newTask']);
  return {
    maxRounds,
    maxStalls,
    maxReplans,
    maxManagerCalls,
    planReview,
    onLimit,
    afterCompletion,
    until: settings.until === undefined ? undefined : toTerminationCondition(settings.until),
    stallReview: settings.stallReview ?? false,
    shareLedger: settings.shareLedger ?? true,
    prompts: promptsWith(settings.prompts ?? {}),
  };
}

function assertWord(option: string, value: string, words: readonly string[]): void {
  if (words.includes(value)) return;
  throw new ConfigurationError(
    `Expected ${option} to be ${words.map((word) => `'${word}'`).join(' or ')}, got ${describeValue(value)}.`,
  );
}
