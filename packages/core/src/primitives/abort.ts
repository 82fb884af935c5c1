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
 * Yields what a source yields, or rejects with the signal's reason as soon as it aborts.
 *
 * The source is told that its reader has left, but not awaited: one that does not heed the signal may never answer.
 */
export async function* untilAborted<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void> {
  const iterator = source[Symbol.asyncIterator]();
  let hasEnded = false;
  try {
    for (;;) {
      const step = await orAborted(iterator.next(), signal);
      hasEnded = step.done === true;
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    if (!hasEnded) iterator.return?.().catch(() => {});
  }
}
