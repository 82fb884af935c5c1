import { setImmediate as nextTurn } from 'node:timers/promises';

import { type Clock, ColloquyError } from '@colloquy/core';

/** Where a virtual clock begins. */
export interface VirtualClockOptions {
  /** Milliseconds since the epoch; default 0. */
  readonly now?: number;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** How often promises and I/O get their turn before a clock believes that nothing but time can go on. */
const QUIET_TURNS = 5;

/** How many timers may go off without an end in sight: one that sets itself again would never end. */
const MAX_TIMERS = 100_000;

/** Nothing can go on any more, and what was awaited has not come. */
export class DeadlockError extends ColloquyError {
  static override readonly errorName: string = 'DeadlockError';
}

/**
 * A clock that only moves when it is told to, or, in `runUntil`, when nothing else can go on.
 *
 * Owns the time and the timers that wait. Timers go off in the order of their times, those of one time in the order
 * in which they were set.
 */
export class VirtualClock implements Clock {
  #now: number;
  /** In the order in which they go off. */
  #timers: readonly Timer[] = [];

  constructor({ now = 0 }: VirtualClockOptions = {}) {
    this.#now = now;
  }

  readonly now = (): number => this.#now;

  readonly schedule = (callback: () => void, delayMs: number): (() => void) => {
    if (delayMs === Infinity) return () => {};
    const timer = { at: this.#now + Math.max(0, delayMs), callback };
    const later = this.#timers.findIndex(({ at }) => at > timer.at);
    this.#timers = this.#timers.toSpliced(later === -1 ? this.#timers.length : later, 0, timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  };

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.length;
  }

  /** Lets so many milliseconds pass; what timers lead to gets its turn after each. */
  async advance(delayMs: number): Promise<void> {
    const end = this.#now + delayMs;
    await quiet();
    while ((this.#timers[0]?.at ?? Infinity) <= end) {
      this.#fireNext();
      await quiet();
    }
    this.#now = end;
  }

  /**
   * Settles as the promise does; whenever nothing but a timer can go on, lets the time pass until the next one.
   *
   * @throws {DeadlockError} `testing/deadlock` when no timer waits and the promise does not settle either, or when
   * timers go off without end.
   */
  async runUntil<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    promise.then(settle, settle);
    for (let fired = 0; ; fired += 1) {
      await quiet(() => isSettled);
      // It is settled, or what was awaited never comes.
      if (isSettled) return promise;
      if (this.#timers.length === 0 || fired >= MAX_TIMERS) throw deadlock(fired, this.#now);
      this.#fireNext();
    }
  }

  #fireNext(): void {
    const [first, ...others] = this.#timers;
    if (first === undefined) return;
    this.#timers = others;
    this.#now = Math.max(this.#now, first.at);
    first.callback();
  }
}

/** Makes a clock that only moves when it is told to. */
export function virtualClock(options: VirtualClockOptions = {}): VirtualClock {
  return new VirtualClock(options);
}

async function quiet(isOver: () => boolean = () => false): Promise<void> {
  for (let turn = 0; turn < QUIET_TURNS && !isOver(); turn += 1) await nextTurn();
}

function deadlock(fired: number, now: number): DeadlockError {
  const reason = fired >= MAX_TIMERS ? `${fired} timers went off` : 'no timer waits';
  return new DeadlockError(
    `Expected the promise to settle, but it has not, and at ${now} ms ${reason}. Look for what never resolves, or for a wait on another clock.`,
    { code: 'testing/deadlock' },
  );
}
