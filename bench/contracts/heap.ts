import { heapUsed } from '../own/section.ts';
import { chainOf, chatOf } from '../subjects/colloquy.ts';

/** What is done over and over, and must leave nothing behind. */
export const repeated: readonly (readonly [name: string, once: () => Promise<unknown>])[] = [
  ['runs', runOnce()],
  ['resets', resetOnce()],
  ['cancelled streams', cancelOnce()],
];

/** By how many bytes the heap grows in 10,000 times. */
export async function heapGrowth(once: () => Promise<unknown>): Promise<number> {
  // By then the code has been compiled for good, which takes some hundred kilobytes.
  for (let count = 0; count < 5000; count += 1) await once();
  // Twice, so that what the collector itself sets up is there.
  heapUsed();
  const before = heapUsed();
  for (let count = 0; count < 10_000; count += 1) await once();
  return heapUsed() - before;
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
