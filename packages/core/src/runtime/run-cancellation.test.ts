import { describe, expect, it, vi } from 'vitest';

import { RunCancellation } from './run-cancellation.ts';

describe('RunCancellation', () => {
  it('A1: keeps the first cause', () => {
    const cancellation = new RunCancellation();

    cancellation.abort('failed', 'first');
    cancellation.abort('cancelled', 'second');

    expect([cancellation.cause, cancellation.signal.reason]).toEqual(['failed', 'first']);
  });

  it('follows a signal that has aborted', () => {
    const cancellation = new RunCancellation();

    cancellation.follow(AbortSignal.abort('before'));

    expect([cancellation.cause, cancellation.signal.reason]).toEqual(['cancelled', 'before']);
  });

  it('follows a signal that aborts later', () => {
    const cancellation = new RunCancellation();
    const controller = new AbortController();
    cancellation.follow(controller.signal);

    controller.abort('later');

    expect([cancellation.cause, cancellation.signal.reason]).toEqual(['cancelled', 'later']);
  });

  it("A2: takes its listener off the caller's signal", () => {
    const cancellation = new RunCancellation();
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const remove = vi.spyOn(signal, 'removeEventListener');
    cancellation.follow(signal);

    cancellation.dispose();

    expect(remove.mock.calls[0]?.slice(0, 2)).toEqual(add.mock.calls[0]?.slice(0, 2));
  });

  it('A2: is aborted by nothing once it is disposed', () => {
    const cancellation = new RunCancellation();
    cancellation.dispose();

    cancellation.abort('cancelled', 'too late');

    expect([cancellation.cause, cancellation.signal.aborted]).toEqual([undefined, false]);
  });

  it('calls a listener at once where it is aborted', () => {
    const cancellation = new RunCancellation();
    const listener = vi.fn<() => void>();
    cancellation.abort('failed', 'before');

    cancellation.onAbort(listener);

    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('does not call a listener that was taken off', () => {
    const cancellation = new RunCancellation();
    const listener = vi.fn<() => void>();
    cancellation.onAbort(listener)();

    cancellation.abort('failed', 'later');

    expect(listener).not.toHaveBeenCalled();
  });
});
