import { setTimeout as wait } from 'node:timers/promises';

import { type Subject } from '../subject.ts';

const addOne = async (value: number): Promise<number> => value + 1;

/** What the same work takes without any library: a loop of awaited calls. */
export const floor: Subject = {
  name: 'floor (plain awaits)',
  chain: (length) => () => count(length),
  loop: (supersteps) => () => count(supersteps),
  streamedLoop: (supersteps) => async () => {
    let last = 0;
    for await (const value of counting(supersteps)) last = value;
    return last;
  },
  fanOut: (width, waitMs) => async () => {
    const answer = async (): Promise<number> => {
      if (waitMs > 0) await wait(waitMs);
      return 1;
    };
    const answers = await Promise.all(Array.from({ length: width }, answer));
    return answers.reduce((sum, one) => sum + one, 0);
  },
  groupChat: (turns) => () => count(turns),
  forks: (length) => () => () => count(length),
};

async function count(steps: number): Promise<number> {
  let sum = 0;
  for (let step = 0; step < steps; step += 1) sum = await addOne(sum);
  return sum;
}

async function* counting(steps: number): AsyncGenerator<number, void> {
  let sum = 0;
  for (let step = 0; step < steps; step += 1) {
    sum = await addOne(sum);
    yield sum;
  }
}
