import { ConfigurationError, type Message, textOf } from '@colloquy/core';

import { describeValue } from '../shared/describe-value.ts';
import {
  TerminationCondition,
  type TerminationAnswer,
  type TerminationView,
} from './termination-condition.ts';

class NoProgress extends TerminationCondition {
  readonly #count: number;

  constructor(count: number) {
    super();
    this.#count = count;
  }

  override check({ conversation }: TerminationView): TerminationAnswer {
    const seen = new Set<string>();
    let repeated = 0;
    for (const message of conversation.filter(isAnswer)) {
      const text = normalise(textOf(message));
      repeated = seen.has(text) ? repeated + 1 : 0;
      seen.add(text);
    }
    return repeated >= this.#count ? `noProgress(${this.#count})` : undefined;
  }
}

function isAnswer({ role, authorName }: Message): boolean {
  return role !== 'user' || authorName !== undefined;
}

/** Case, space and marks at the end make nothing new. */
function normalise(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/^[\s"'*]+|[\s"'*.!?…]+$/g, '');
}

/**
 * Holds once the last so many answers said only what had been said before in this run.
 *
 * @throws {ConfigurationError} unless the count is a whole number, 1 or more.
 */
export function noProgress(count = 2): TerminationCondition {
  if (Number.isInteger(count) && count >= 1) return new NoProgress(count);
  throw new ConfigurationError(
    `Expected noProgress to get a whole number, 1 or more, got ${describeValue(count)}.`,
  );
}
