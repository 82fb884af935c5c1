import { defineExecutor, WorkflowBuilder } from '@colloquy/core';

import { chainOf } from '../subjects/colloquy.ts';

/** A ratio that must not exceed a limit. */
export interface Contract {
  readonly name: string;
  readonly limit: number;
  readonly measure: () => Promise<number>;
}

const SUPERSTEPS = 100_000;

/** What one unit costs at the end of a long run, or in a large graph, against the beginning, or a small one. */
export const flatCost: readonly Contract[] = [
  { name: 'the last tenth of 100,000 supersteps against the first', limit: 1.2, measure: longRun },
  { name: 'an executor in a chain of 1,000 against one of 10', limit: 1.5, measure: longChain },
];

async function longRun(): Promise<number> {
  const times: number[] = [];
  const tenth = SUPERSTEPS / 10;
  const step = defineExecutor('step', (count: number) => {
    if (count % tenth === 0) times.push(performance.now());
    return count < SUPERSTEPS ? count + 1 : undefined;
  });
  const workflow = new WorkflowBuilder({ name: 'long', start: step, maxSupersteps: Infinity })
    .addEdge(step, step)
    .build();
  // The first run compiles the code.
  await workflow.run(0);
  times.length = 0;
  await workflow.run(0);
  const tenths = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  return (tenths.at(-1) ?? Infinity) / (tenths[0] ?? 0);
}

async function longChain(): Promise<number> {
  const short = await perExecutor(10, 2000);
  const long = await perExecutor(1000, 20);
  return long / short;
}

async function perExecutor(length: number, runs: number): Promise<number> {
  const workflow = chainOf(length);
  for (let run = 0; run < runs; run += 1) await workflow.run(0);
  const start = performance.now();
  for (let run = 0; run < runs; run += 1) await workflow.run(0);
  return (performance.now() - start) / (runs * length);
}
