import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type WireEvent } from './response-builder.ts';
import { sseResponse } from './sse.ts';

/** As many events as are asked for, and how many were. */
function endless() {
  const made = { events: 0, hasEnded: false };
  async function* events(): AsyncGenerator<WireEvent, void> {
    try {
      for (;;) {
        made.events += 1;
        yield { type: 'response.created', sequence_number: made.events };
      }
    } finally {
      made.hasEnded = true;
    }
  }
  return { made, events: events() };
}

describe('a stream of events', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('makes no more events than its reader takes', async () => {
    const { made, events } = endless();
    const { body } = sseResponse(events, { maxStallMs: 1000, onLeave: () => {} });
    const reader = body?.getReader();
    await reader?.read();
    await reader?.read();

    expect(made.events).toBeLessThanOrEqual(3);
  });

  it('is cut off when its reader takes nothing for too long', async () => {
    const { made, events } = endless();
    const onLeave = vi.fn<() => void>();
    const { body } = sseResponse(events, { maxStallMs: 1000, onLeave });
    const reader = body?.getReader();
    await reader?.read();

    await vi.advanceTimersByTimeAsync(999);
    expect(onLeave).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);

    expect(onLeave).toHaveBeenCalledTimes(1);
    expect(made.hasEnded).toBe(true);
    await expect(reader?.read()).rejects.toThrow('not read');
  });

  it('is not cut off while its reader waits for an event', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    async function* late(): AsyncGenerator<WireEvent, void> {
      await promise;
      yield { type: 'response.created', sequence_number: 0 };
    }
    const onLeave = vi.fn<() => void>();
    const { body } = sseResponse(late(), { maxStallMs: 1000, onLeave });
    const text = new Response(body).text();
    await vi.advanceTimersByTimeAsync(20_000);
    resolve();

    expect(await text).toContain(': keep-alive\n\nevent: response.created');
    expect(onLeave).not.toHaveBeenCalled();
  });

  it('ends when its reader leaves', async () => {
    const { made, events } = endless();
    const onLeave = vi.fn<() => void>();
    const { body } = sseResponse(events, { maxStallMs: 1000, onLeave });
    const reader = body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await vi.advanceTimersByTimeAsync(0);

    expect(onLeave).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
    expect(made.hasEnded).toBe(true);
  });
});
