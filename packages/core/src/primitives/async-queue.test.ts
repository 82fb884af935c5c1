import { describe, expect, it } from 'vitest';

import { AsyncQueue } from './async-queue.ts';

describe('AsyncQueue', () => {
  it('Q1: gives items in the order they were pushed', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.push(2);

    const taken = [await queue.take(), await queue.take()];

    expect(taken).toEqual([1, 2]);
  });

  it('Q1: loses nothing when it makes room', () => {
    const queue = new AsyncQueue<number>();
    const items = Array.from({ length: 3000 }, (_, index) => index);
    for (const item of items) queue.push(item);

    const taken = items.map(() => queue.tryTake());

    expect(taken).toEqual(items);
  });

  it('Q2: delivers after close what was pushed before', async () => {
    const queue = new AsyncQueue<string>();
    queue.push('kept');
    queue.close();
    queue.push('ignored');

    const taken = [await queue.take(), await queue.take()];

    expect(taken).toEqual(['kept', undefined]);
  });

  it('Q3: gives items to several waiting calls in the order of the calls', async () => {
    const queue = new AsyncQueue<number>();
    const calls = Promise.all([queue.take(), queue.take(), queue.take()]);
    queue.push(1);
    queue.push(2);
    queue.close();

    const taken = await calls;

    expect(taken).toEqual([1, 2, undefined]);
  });

  it('forgets what waits when cleared, and delivers what comes later', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.clear();
    queue.push(2);

    const taken = await queue.take();

    expect(taken).toBe(2);
  });
});
