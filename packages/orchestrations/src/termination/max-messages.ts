import { ConfigurationError } from '@colloquy/core';

import {
  TerminationCondition,
  type TerminationAnswer,
  type TerminationView,
} from './termination-condition.ts';

class MaxMessages extends TerminationCondition {
  readonly #limit: number;

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  override check({ conversation }: TerminationView): TerminationAnswer {
    return conversation.length >= this.#limit ? `maxMessages(${this.#limit})` : undefined;
  }
}

/**
 * Holds once a run has added `limit` messages, its input included.
 *
 * @throws {ConfigurationError} unless the limit is a whole number, 1 or more.
 */
export function maxMessages(limit: number): TerminationCondition {
  if (Number.isInteger(limit) && limit >= 1) return new MaxMessages(limit);
  throw new ConfigurationError(
    `Expected maxMessages to get a whole number, 1 or more, got ${String(limit)}.`,
  );
}
