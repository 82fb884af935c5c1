import { ConfigurationError } from '@colloquy/core';

import {
  TerminationCondition,
  type TerminationAnswer,
  type TerminationView,
} from './termination-condition.ts';

/** A condition as a function; may be asynchronous. */
export type TerminationPredicate = (view: TerminationView) => boolean | Promise<boolean>;

class Predicate extends TerminationCondition {
  readonly #holds: TerminationPredicate;

  constructor(holds: TerminationPredicate) {
    super();
    this.#holds = holds;
  }

  override async check(view: TerminationView): Promise<TerminationAnswer> {
    return (await this.#holds(view)) ? 'predicate' : undefined;
  }
}

/**
 * Makes a condition of a function; a condition is returned as it is.
 *
 * @throws {ConfigurationError} for anything else.
 */
export function toTerminationCondition(
  until: TerminationCondition | TerminationPredicate,
): TerminationCondition {
  if (typeof until === 'function') return new Predicate(until);
  if (until instanceof TerminationCondition) return until;
  throw new ConfigurationError(
    `Expected until to be a condition or a function, got ${typeof until}. Pass textMention(…), maxMessages(…), or (view) => boolean.`,
  );
}
