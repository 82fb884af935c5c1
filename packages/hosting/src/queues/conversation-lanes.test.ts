import { describe, expect, it } from 'vitest';

import { ConversationLanes } from './conversation-lanes.ts';

const never = new AbortController().signal;

describe('the lanes of conversations', () => {
  it('L1: let one work at a time, in the order of coming, beside other conversations', async () => {
    const lanes = new ConversationLanes({ whenBusy: 'queue', maxQueued: 9 });
    const happened: string[] = [];
    const work = (name: string) => async () => {
      happened.push(`${name} begins`);
      await Promise.resolve();
      happened.push(`${name} ends`);
    };

    await Promise.all([
      lanes.run('a', never, work('1')),
      lanes.run('a', never, work('2')),
      lanes.run('b', never, work('x')),
    ]);

    expect(happened.filter((each) => !each.startsWith('x'))).toEqual([
      '1 begins',
      '1 ends',
      '2 begins',
      '2 ends',
    ]);
    expect(happened.indexOf('x begins')).toBeLessThan(happened.indexOf('2 begins'));
    expect(lanes.size).toBe(0);
  });

  it('L1: keep the place of work that goes on after an abort', async () => {
    const lanes = new ConversationLanes({ whenBusy: 'queue', maxQueued: 9 });
    const stop = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    let isDone = false;
    const first = lanes.run('a', stop.signal, async () => {
      await promise;
      isDone = true;
    });
    const second = lanes.run('a', never, async () => isDone);

    stop.abort();
    resolve();

    await first;
    expect(await second).toBe(true);
  });

  it('let those go who no longer wait', async () => {
    const lanes = new ConversationLanes({ whenBusy: 'queue', maxQueued: 1 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = new AbortController();
    const first = lanes.run('a', never, () => promise);
    const second = lanes.run('a', stop.signal, async () => 'second');
    stop.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    const third = lanes.run('a', never, async () => 'third');
    const fourth = lanes.run('a', never, async () => 'fourth');
    await expect(fourth).rejects.toMatchObject({ status: 409 });
    resolve();

    await first;
    expect(await third).toBe('third');
    expect(lanes.size).toBe(0);
  });
});
