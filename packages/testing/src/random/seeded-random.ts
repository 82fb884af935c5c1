/** Numbers that look random and are the same for the same seed. */
export interface SeededRandom {
  /** From 0 up to, but never, 1. */
  readonly next: () => number;
  /** A whole number from 0 up to, but never, `count`. */
  readonly below: (count: number) => number;
  /** One of the items; `undefined` of none. */
  readonly pick: <T>(items: readonly T[]) => T | undefined;
}

/**
 * Makes a source of numbers from whole numbers that say which: a seed, and what else tells this source from others.
 *
 * The mulberry32 generator; good enough to spread tests, and for nothing that must not be guessed.
 */
export function seededRandom(...seeds: readonly number[]): SeededRandom {
  let state = seeds.reduce(
    (sum, seed) => Math.imul(sum ^ (seed | 0), 0x9e3779b1) ^ (sum >>> 15),
    0,
  );
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number): number => Math.floor(next() * count);
  return { next, below, pick: (items) => items[below(items.length)] };
}
