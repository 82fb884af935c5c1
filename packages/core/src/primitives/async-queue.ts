/**
 * A queue whose reader waits for items; it wakes the reader instead of being polled.
 *
 * Owns the items that were pushed and not yet taken.
 *
 * Invariants:
 * - Q1: items come out in the order they were pushed, each once.
 * - Q2: what was pushed before `close` is still delivered after it.
 * - Q3: of several calls that wait, the earliest gets the earliest item.
 */
export class AsyncQueue<T> {
  #items: T[] = [];
  #head = 0;
  #isClosed = false;
  #waiting: (() => void)[] = [];

  /** Adds an item; after `close` it is ignored. */
  push(item: T): void {
    if (this.#isClosed) return;
    this.#items.push(item);
    this.#wakeReader();
  }

  /** Ends the queue: the reader gets what is left, then `undefined`. */
  close(): void {
    this.#isClosed = true;
    this.#wakeReader();
  }

  /** Forgets what has not been taken; what comes later is delivered as before. */
  clear(): void {
    this.#items = [];
    this.#head = 0;
  }

  /** Takes the oldest item, or `undefined` where none waits. */
  tryTake(): T | undefined {
    if (this.#head >= this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#head += 1;
    if (this.#head >= 1024 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Resolves with the oldest item as soon as there is one, or with `undefined` when the queue has ended. */
  async take(): Promise<T | undefined> {
    while (this.#head >= this.#items.length) {
      if (this.#isClosed) return undefined;
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    return this.tryTake();
  }

  #wakeReader(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
