import type PQueue from 'p-queue';

/**
 * Does work when the queue lets it; an abort takes it out of the queue while it waits, and never afterwards.
 *
 * The queue's own signal would also give the place of work that has begun to another, while it still goes on.
 */
export async function waitTurn<T>(
  queue: PQueue,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const waiting = new AbortController();
  const giveUp = (): void => waiting.abort(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  const stopListening = (): void => signal.removeEventListener('abort', giveUp);
  try {
    return await queue.add(
      async () => {
        stopListening();
        return work();
      },
      { signal: waiting.signal },
    );
  } finally {
    stopListening();
  }
}
