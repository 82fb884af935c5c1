import { ConfigurationError } from '@colloquy/core';

import {
  TerminationCondition,
  type TerminationAnswer,
  type TerminationView,
} from './termination-condition.ts';

class FunctionCallMade extends TerminationCondition {
  readonly #tool: string;

  constructor(tool: string) {
    super();
    this.#tool = tool;
  }

  override check({ toolCalls }: TerminationView): TerminationAnswer {
    return toolCalls.includes(this.#tool) ? `functionCall("${this.#tool}")` : undefined;
  }
}

/**
 * Holds once a participant has called a tool in this run, whatever came of it.
 *
 * @throws {ConfigurationError} when the name is empty.
 */
export function functionCall(tool: string): TerminationCondition {
  if (tool !== '') return new FunctionCallMade(tool);
  throw new ConfigurationError(
    'Expected functionCall to get the name of a tool, got an empty string.',
  );
}
