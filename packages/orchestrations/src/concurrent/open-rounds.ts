/**
 * Which rounds a branch has not answered.
 *
 * Replaced as a whole, so that a failure can put back what was there before.
 */
export interface OpenRounds {
  readonly open: readonly number[];
  /** What the last result was for: it comes again where its superstep failed. */
  readonly last: readonly number[];
}

export const NO_ROUNDS: OpenRounds = { open: [], last: [] };

/** Notes a round that is to be answered. */
export function openRound({ open, last }: OpenRounds, round: number): OpenRounds {
  return { open: [...open, round], last };
}

/**
 * The rounds that a result is for: all that are open, or, where the branch will say more, the first of them.
 *
 * Whoever waits for a human is given what comes meanwhile too, and answers it with the rest, or by itself.
 */
export function closeRounds({ open, last }: OpenRounds, saysMore: boolean): OpenRounds {
  if (open.length === 0) return { open, last };
  const count = saysMore ? 1 : open.length;
  return { open: open.slice(count), last: open.slice(0, count) };
}

/** Reads what a checkpoint holds. */
export function parseRounds(saved: unknown): OpenRounds {
  return isOpenRounds(saved) ? saved : NO_ROUNDS;
}

function isOpenRounds(saved: unknown): saved is OpenRounds {
  if (typeof saved !== 'object' || saved === null) return false;
  return Array.isArray(Reflect.get(saved, 'open')) && Array.isArray(Reflect.get(saved, 'last'));
}
