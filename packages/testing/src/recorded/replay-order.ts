import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long something that was recorded earlier is waited for when nothing happens. */
const PATIENCE_MS = 25;

/**
 * Lets things happen in the order in which they were recorded, whoever asks first.
 *
 * Owns what has happened. Each thing happens in a turn of the event loop of its own, so that its consequences come
 * before the next. What was recorded and does not come, as in a run that does only a part of it, is waited for a
 * little and then left out.
 */
export class ReplayOrder {
  /** What has not happened, in order. */
  #left: readonly number[];

  constructor(times: Iterable<number>) {
    this.#left = [...times].toSorted((one, other) => one - other);
  }

  /** Says that something has happened, for which nobody waits. */
  happened(time: number): void {
    this.#left = this.#left.filter((each) => each !== time);
  }

  /** Waits until everything before it has happened, or will not. */
  async turn(time: number): Promise<void> {
    await nextTurn();
    let waitingFor = this.#left[0];
    let since = performance.now();
    while (waitingFor !== undefined && waitingFor < time) {
      if (performance.now() - since > PATIENCE_MS)
        this.#left = this.#left.filter((each) => each >= time);
      await nextTurn();
      const first = this.#left[0];
      if (first !== waitingFor) since = performance.now();
      waitingFor = first;
    }
    this.happened(time);
  }
}
