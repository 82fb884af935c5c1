/**
 * Benchmarks of the engine: `pnpm bench`. Read the ratios, not the times; a plain loop of awaits is the floor.
 */
import { defineExecutor, WorkflowBuilder } from '@colloquy/core';
import { Bench } from 'tinybench';

const SUPERSTEPS = 10_000;

function pingPong(): {
  run(input: number): Promise<unknown>;
  stream(input: number): AsyncIterable<unknown>;
} {
  const ping = defineExecutor('ping', (count: number) => count + 1);
  const pong = defineExecutor('pong', (count: number) =>
    count < SUPERSTEPS - 1 ? count + 1 : undefined,
  );
  return new WorkflowBuilder({ name: 'ping-pong', start: ping, maxSupersteps: Infinity })
    .addEdge(ping, pong)
    .addEdge(pong, ping)
    .build();
}

async function floor(): Promise<number> {
  let count = 0;
  while (count < SUPERSTEPS) count = await Promise.resolve(count + 1);
  return count;
}

async function readAll(events: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of events) count += 1;
  return count;
}

/** How many bytes of heap a thousand runs leave behind. */
async function heapGrowth(): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('Expected to run with --expose-gc, as pnpm bench does.');
  const workflow = pingPongOf(10);
  const batch = async (): Promise<number> => {
    for (let run = 0; run < 1000; run += 1) await workflow.run(0);
    gc();
    return process.memoryUsage().heapUsed;
  };
  await batch();
  const before = await batch();
  return (await batch()) - before;
}

function pingPongOf(supersteps: number): { run(input: number): Promise<unknown> } {
  const step = defineExecutor('step', (count: number) =>
    count < supersteps ? count + 1 : undefined,
  );
  return new WorkflowBuilder({ name: 'steps', start: step }).addEdge(step, step).build();
}

const workflow = pingPong();
const bench = new Bench({ time: 1000, warmupTime: 500 });
bench
  .add('plain loop of awaits', floor)
  .add('ping-pong, events not read', async () => workflow.run(0))
  .add('ping-pong, events read', async () => readAll(workflow.stream(0)));
await bench.run();

const medians = bench.tasks.map(({ name, result }) => {
  if (!('latency' in result))
    throw new Error(
      `${name} did not complete: ${JSON.stringify(result)} ${'error' in result ? String(result.error) : ''}`,
    );
  return { name, microseconds: (result.latency.p50 * 1000) / SUPERSTEPS };
});
const base = medians[0]?.microseconds ?? 1;
console.log(`${SUPERSTEPS} supersteps, median per superstep:`);
for (const { name, microseconds } of medians) {
  console.log(
    `  ${name.padEnd(30)} ${microseconds.toFixed(2)} µs  ${(microseconds / base).toFixed(0)}x`,
  );
}
console.log(
  `Heap after 1,000 more runs of 10 supersteps: ${((await heapGrowth()) / 1024).toFixed(1)} KiB`,
);
