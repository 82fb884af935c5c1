import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { virtualClock } from './virtual-clock.ts';
import { waitFor } from './wait-for.ts';

describe('a virtual clock', () => {
  it('moves when it is told to, and no timer goes off before its time', async () => {
    const clock = virtualClock({ now: 1000 });
    const heard: number[] = [];
    for (const delayMs of [30, 10, 20]) clock.schedule(() => heard.push(clock.now()), delayMs);
    await clock.advance(20);

    expect([heard, clock.now(), clock.waiting]).toEqual([[1010, 1020], 1020, 1]);
  });

  it('lets timers go off by time and then by order, whatever is set and cancelled', async () => {
    const plan = fc.array(fc.record({ delayMs: fc.nat(20), isCancelled: fc.boolean() }));
    await fc.assert(
      fc.asyncProperty(plan, async (timers) => {
        const clock = virtualClock();
        const heard: number[] = [];
        for (const [index, { delayMs, isCancelled }] of timers.entries()) {
          const cancel = clock.schedule(() => heard.push(index), delayMs);
          if (isCancelled) cancel();
        }
        await clock.advance(20);

        const left = timers.flatMap((timer, index) =>
          timer.isCancelled ? [] : [{ ...timer, index }],
        );
        const sorted = left.toSorted((one, other) => one.delayMs - other.delayMs);
        expect(heard).toEqual(sorted.map(({ index }) => index));
      }),
      { numRuns: 30 },
    );
  });

  it('lets what follows from a timer set timers that go off in the same advance', async () => {
    const clock = virtualClock();
    const times: number[] = [];
    const repeat = async (): Promise<void> => {
      for (let count = 0; count < 5; count += 1) {
        await waitFor(10, { clock });
        times.push(clock.now());
      }
    };
    const repeating = repeat();
    await clock.advance(35);

    expect(times).toEqual([10, 20, 30]);
    await clock.runUntil(repeating);
    expect(clock.now()).toBe(50);
  });

  it('runs until a promise settles, however long that takes', async () => {
    const clock = virtualClock();

    await clock.runUntil(waitFor(1e9, { clock }));
    await expect(clock.runUntil(Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(clock.now()).toBe(1e9);
  });

  it('says so when nothing can go on', async () => {
    const clock = virtualClock();
    clock.schedule(() => {}, Infinity);

    await expect(clock.runUntil(new Promise(() => {}))).rejects.toMatchObject({
      code: 'testing/deadlock',
      message: expect.stringContaining('no timer waits'),
    });
  });

  it('ends a wait when its signal aborts, and takes the timer back', async () => {
    const clock = virtualClock();
    const controller = new AbortController();
    const waiting = waitFor(10, { clock, signal: controller.signal });
    controller.abort('enough');

    await expect(waiting).rejects.toBe('enough');
    expect(clock.waiting).toBe(0);
    await expect(waitFor(10, { clock, signal: controller.signal })).rejects.toBe('enough');
  });
});
