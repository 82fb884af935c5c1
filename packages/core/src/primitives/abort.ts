/**
 * Settles as the promise does, or rejects with the signal's reason as soon as it aborts.
 *
 * What the promise comes to after that is ignored: it belongs to code that does not heed the signal.
 */
export async function orAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return promise;
  let stop = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/**
 * Yields what a source yields, or rejects with the signal's reason as soon as it aborts, also where the source then ends.
 *
 * The source is told that its reader has left, but not awaited: one that does not heed the signal may never answer.
 *
 * @param open - Begins the source; not called where the signal has aborted before.
 */
export async function* untilAborted<T>(
  open: () => AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void> {
  signal?.throwIfAborted();
  const iterator = open()[Symbol.asyncIterator]();
  const abort = signal === undefined ? undefined : new AbortRace(signal);
  let hasEnded = false;
  try {
    for (;;) {
      const next = iterator.next();
      const step = await (abort?.with(next) ?? next);
      hasEnded = step.done === true;
      if (step.done === true) break;
      yield step.value;
    }
    signal?.throwIfAborted();
  } finally {
    abort?.end();
    if (!hasEnded) iterator.return?.().catch(() => {});
  }
}

/** Races one promise after the other with a signal, under one listener. Owns that listener. */
class AbortRace {
  readonly #signal: AbortSignal;
  #lose: ((reason: unknown) => void) | undefined;
  readonly #onAbort = (): void => this.#lose?.(this.#signal.reason);

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Settles as the promise does, or rejects with the signal's reason as soon as it aborts. */
  with<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#lose = reject;
      if (this.#signal.aborted) this.#onAbort();
      promise.then(resolve, reject);
    });
  }

  end(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
