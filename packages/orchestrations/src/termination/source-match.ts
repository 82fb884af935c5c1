import { ConfigurationError } from '@colloquy/core';

import {
  TerminationCondition,
  type TerminationAnswer,
  type TerminationView,
} from './termination-condition.ts';

class SourceMatch extends TerminationCondition {
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    super();
    this.#names = names;
  }

  override check({ conversation }: TerminationView): TerminationAnswer {
    const author = conversation.find(
      ({ authorName }) => authorName !== undefined && this.#names.includes(authorName),
    )?.authorName;
    return author === undefined ? undefined : `sourceMatch(${JSON.stringify(author)})`;
  }
}

/**
 * Holds once one of the named has spoken in this run.
 *
 * @throws {ConfigurationError} when nobody is named.
 */
export function sourceMatch(...names: readonly string[]): TerminationCondition {
  if (names.length > 0) return new SourceMatch(names);
  throw new ConfigurationError('Expected sourceMatch to get at least one name, got none.');
}
