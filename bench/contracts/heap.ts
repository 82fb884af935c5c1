import { getHeapSpaceStatistics } from 'node:v8';

import { heapUsed } from '../own/section.ts';
import { chainOf, chatOf } from '../subjects/colloquy.ts';

/** What is done over and over, and must leave nothing behind. */
export const repeated: readonly (readonly [name: string, once: () => Promise<unknown>])[] = [
  ['runs', runOnce()],
  ['resets', resetOnce()],
  ['cancelled streams', cancelOnce()],
];

/** By how many bytes what the heap holds grows in 10,000 times, after the first 100. */
export async function heapGrowth(once: () => Promise<unknown>): Promise<number> {
  for (let count = 0; count < 100; count += 1) await once();
  // Twice, so that what the collector itself sets up is there.
  dataUsed();
  const before = dataUsed();
  for (let count = 0; count < 10_000; count += 1) await once();
  return dataUsed() - before;
}

/** Where code lies: it is compiled anew and thrown away again all the time, by two hundred kilobytes either way. */
const CODE_SPACES = /code|trusted|read_only/u;

/** The bytes of objects that cannot be collected, without compiled code. */
function dataUsed(): number {
  heapUsed();
  return getHeapSpaceStatistics()
    .filter(({ space_name: name }) => !CODE_SPACES.test(name))
    .reduce((bytes, { space_used_size: used }) => bytes + used, 0);
}

function runOnce(): () => Promise<unknown> {
  const workflow = chainOf(10);
  return () => workflow.run(0);
}

function resetOnce(): () => Promise<unknown> {
  const chat = chatOf(1);
  return async () => {
    await chat.run('Shall we?');
    await chat.resetForNewRun();
  };
}

function cancelOnce(): () => Promise<unknown> {
  const workflow = chainOf(10);
  return async () => {
    for await (const event of workflow.stream(0)) if (event.type === 'superstep_started') break;
  };
}
