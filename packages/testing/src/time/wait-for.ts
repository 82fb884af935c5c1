import { type Clock } from '@colloquy/core';

/** On what clock to wait, and what ends the waiting early. */
export interface WaitOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Waits so many milliseconds of a clock; rejects with the signal's reason as soon as it aborts. */
export async function waitFor(delayMs: number, { clock, signal }: WaitOptions): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = (): void => reject(signal?.reason);
  const cancel = clock.schedule(resolve, delayMs);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await promise;
  } finally {
    cancel();
    signal?.removeEventListener('abort', stop);
  }
}
