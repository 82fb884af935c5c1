import { ConfigurationError } from '@colloquy/core';

import { describeValue } from './describe-value.ts';

/** @throws {ConfigurationError} unless the value is a whole number, 1 or more, or `Infinity`. */
export function assertLimit(option: string, value: number): void {
  if (value === Infinity || (Number.isInteger(value) && value >= 1)) return;
  throw new ConfigurationError(
    `Expected ${option} to be a whole number, 1 or more, or Infinity for no limit, got ${describeValue(value)}.`,
  );
}

/** @throws {ConfigurationError} unless the value is a whole number, 0 or more, or `Infinity`. */
export function assertCount(option: string, value: number): void {
  if (value === Infinity || (Number.isInteger(value) && value >= 0)) return;
  throw new ConfigurationError(
    `Expected ${option} to be a whole number, 0 or more, or Infinity, got ${describeValue(value)}.`,
  );
}

/** How often an answer that cannot be used is asked for again where nothing else is said. */
export const DEFAULT_RETRIES = 3;

/** @throws {ConfigurationError} unless the value is a whole number, 0 or more. */
export function assertRetries(retries: number): void {
  if (Number.isInteger(retries) && retries >= 0) return;
  throw new ConfigurationError(
    `Expected retries to be a whole number, 0 or more, got ${describeValue(retries)}. Leave it out for ${DEFAULT_RETRIES}.`,
  );
}
