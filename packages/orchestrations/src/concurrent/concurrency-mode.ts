import { ConfigurationError } from '@colloquy/core';

import { describeValue } from '../shared/describe-value.ts';

/**
 * How many participants must answer: all of them (`all`: a failure fails the run; `settled`: a failure is a result),
 * the first one, or a quorum. Who is not needed any more is aborted.
 */
export type ConcurrencyMode = 'all' | 'settled' | 'first' | Quorum;

/** So many must answer. Made by `quorum`. */
export interface Quorum {
  readonly kind: 'quorum';
  readonly needed: number;
}

/**
 * Waits for so many answers, whoever gives them first.
 *
 * @throws {ConfigurationError} unless the number is whole, 1 or more.
 */
export function quorum(needed: number): Quorum {
  if (Number.isInteger(needed) && needed >= 1) return { kind: 'quorum', needed };
  throw new ConfigurationError(
    `Expected quorum to get a whole number, 1 or more, got ${describeValue(needed)}.`,
  );
}

/**
 * How many answers end the waiting, and how many there must be.
 *
 * @throws {ConfigurationError} for an unknown mode, or a quorum that can never be reached.
 */
export function needsOf(mode: ConcurrencyMode, count: number): ConcurrencyNeeds {
  if (mode === 'all') return { enough: Infinity, least: 0, isStrict: true };
  if (mode === 'settled') return { enough: Infinity, least: 0, isStrict: false };
  if (mode === 'first') return { enough: 1, least: 1, isStrict: false };
  const given: unknown = mode;
  if (typeof given !== 'object' || given === null || Reflect.get(given, 'kind') !== 'quorum') {
    throw new ConfigurationError(
      `Expected mode to be 'all', 'settled', 'first' or quorum(n), got ${describeValue(mode)}.`,
    );
  }
  if (mode.needed <= count) return { enough: mode.needed, least: mode.needed, isStrict: false };
  throw new ConfigurationError(
    `Expected a quorum of at most ${count}, as many as there are participants, got ${mode.needed}.`,
  );
}

/** What a mode comes down to. */
export interface ConcurrencyNeeds {
  /** So many answers, and the others are aborted. */
  readonly enough: number;
  /** Fewer answers fail the run. */
  readonly least: number;
  /** Whether one failure fails the run. */
  readonly isStrict: boolean;
}
