import { ConfigurationError } from '@colloquy/core';

import { describeValue } from '../shared/describe-value.ts';
import {
  TerminationCondition,
  type TerminationAnswer,
  type TerminationView,
} from './termination-condition.ts';

/** What tokens cost, in any currency, for a million of them. */
export interface TokenPrices {
  readonly input: number;
  readonly output: number;
}

const MILLION = 1_000_000;

class TokenBudget extends TerminationCondition {
  readonly #limit: number;

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  override check({ usage }: TerminationView): TerminationAnswer {
    return usage.totalTokens >= this.#limit ? `tokenBudget(${this.#limit})` : undefined;
  }
}

class CostBudget extends TerminationCondition {
  readonly #limit: number;
  readonly #prices: TokenPrices;

  constructor(limit: number, prices: TokenPrices) {
    super();
    this.#limit = limit;
    this.#prices = prices;
  }

  override check({ usage }: TerminationView): TerminationAnswer {
    const { input, output } = this.#prices;
    const cost = (usage.inputTokens * input + usage.outputTokens * output) / MILLION;
    return cost >= this.#limit ? `costBudget(${this.#limit})` : undefined;
  }
}

/**
 * Holds once the participants of a run have used so many tokens, input and output together.
 *
 * Looked at between turns, so the turn that crosses the limit is still paid for.
 *
 * @throws {ConfigurationError} unless the limit is above 0.
 */
export function tokenBudget(limit: number): TerminationCondition {
  assertAboveZero('tokenBudget', limit);
  return new TokenBudget(limit);
}

/**
 * Holds once what the participants of a run have used costs so much; looked at between turns.
 *
 * @throws {ConfigurationError} unless the limit is above 0 and prices are 0 or more.
 */
export function costBudget(limit: number, prices: TokenPrices): TerminationCondition {
  assertAboveZero('costBudget', limit);
  for (const price of [prices?.input, prices?.output])
    if (!(price >= 0)) throw invalid('costBudget', 'prices { input, output } of 0 or more', prices);
  return new CostBudget(limit, prices);
}

/** @throws {ConfigurationError} unless the value is a number above 0. */
export function assertAboveZero(condition: string, value: unknown): void {
  if (typeof value === 'number' && value > 0) return;
  throw invalid(condition, 'a number above 0', value);
}

function invalid(condition: string, expected: string, got: unknown): ConfigurationError {
  return new ConfigurationError(
    `Expected ${condition} to get ${expected}, got ${describeValue(got)}.`,
  );
}
