/** Where the library reads the time and waits; tests replace it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Calls `callback` after `delayMs`, never where that is infinite; the returned function cancels it. */
  readonly schedule: (callback: () => void, delayMs: number) => () => void;
}

/** What a timer can wait; for more it would not wait at all. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (callback, delayMs) => {
    if (delayMs === Infinity) return () => {};
    const timer = setTimeout(callback, Math.min(delayMs, LONGEST_DELAY_MS));
    return () => clearTimeout(timer);
  },
};
