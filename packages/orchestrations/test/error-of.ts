import { ColloquyError } from '@colloquy/core';

/** The error that an attempt to build something fails with. */
export function errorOf(attempt: () => unknown): ColloquyError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof ColloquyError) return error;
    throw error;
  }
  throw new Error('Expected the attempt to fail.');
}
