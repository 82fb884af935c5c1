import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { systemClock } from './clock.ts';

describe('systemClock', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('calls back after the delay', () => {
    const callback = vi.fn<() => void>();
    systemClock.schedule(callback, 10);

    vi.advanceTimersByTime(10);

    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('does not call back once cancelled', () => {
    const callback = vi.fn<() => void>();
    systemClock.schedule(callback, 10)();

    vi.advanceTimersByTime(10);

    expect(callback).not.toHaveBeenCalled();
  });

  it('never calls back after an infinite delay', () => {
    const callback = vi.fn<() => void>();
    systemClock.schedule(callback, Infinity)();

    vi.advanceTimersByTime(1000);

    expect(callback).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits for a delay that is longer than a timer can be', () => {
    const callback = vi.fn<() => void>();
    systemClock.schedule(callback, 2 ** 40);

    vi.advanceTimersByTime(1000);

    expect(callback).not.toHaveBeenCalled();
  });
});
