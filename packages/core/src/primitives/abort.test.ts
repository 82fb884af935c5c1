import { getEventListeners } from 'node:events';

import { describe, expect, it } from 'vitest';
import { orAborted, untilAborted } from './abort.ts';

const never = new Promise<never>(() => {});

async function* endless(onLeft: () => void): AsyncGenerator<number, void> {
  try {
    for (let count = 1; ; count += 1) yield count;
  } finally {
    onLeft();
  }
}

describe('orAborted', () => {
  it('settles as the promise does', async () => {
    const { signal } = new AbortController();

    await expect(orAborted(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(orAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
    await expect(orAborted(Promise.resolve(2), undefined)).resolves.toBe(2);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('rejects with the reason of a signal that aborts while the promise hangs', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');

    const waiting = orAborted(never, controller.signal);
    controller.abort(reason);

    await expect(waiting).rejects.toBe(reason);
  });

  it('rejects with the reason of a signal that has aborted', async () => {
    await expect(orAborted(never, AbortSignal.abort('late'))).rejects.toBe('late');
  });
});

describe('untilAborted', () => {
  it('yields what the source yields, to its end', async () => {
    async function* source(): AsyncGenerator<string, void> {
      yield 'a';
      yield 'b';
    }

    const seen: string[] = [];

    for await (const item of untilAborted(source, undefined)) seen.push(item);

    expect(seen).toEqual(['a', 'b']);
  });

  it('lets go of the source when its reader leaves', async () => {
    let hasLeft = false;

    const source = (): AsyncIterable<number> => endless(() => (hasLeft = true));
    for await (const count of untilAborted(source, undefined)) {
      if (count === 2) break;
    }

    expect(hasLeft).toBe(true);
  });

  it('rejects at once when it aborts, though the source hangs', async () => {
    const controller = new AbortController();
    async function* source(): AsyncGenerator<string, void> {
      yield 'a';
      await never;
    }
    const seen: string[] = [];

    const reading = (async () => {
      for await (const item of untilAborted(source, controller.signal)) {
        seen.push(item);
        queueMicrotask(() => controller.abort('enough'));
      }
    })();

    await expect(reading).rejects.toBe('enough');
    expect(seen).toEqual(['a']);
  });

  it('does not begin the source when the signal has aborted before', async () => {
    let hasBegun = false;
    const source = (): AsyncIterable<number> => {
      hasBegun = true;
      return endless(() => {});
    };

    const next = untilAborted(source, AbortSignal.abort('enough')).next();

    await expect(next).rejects.toBe('enough');
    expect(hasBegun).toBe(false);
  });

  it('rejects when the signal aborts as the source ends', async () => {
    const controller = new AbortController();
    async function* source(): AsyncGenerator<string, void> {
      yield 'a';
      controller.abort('enough');
    }
    const reading = async (): Promise<void> => {
      for await (const _ of untilAborted(source, controller.signal));
    };

    await expect(reading()).rejects.toBe('enough');
  });
});
