import { heapUsed } from './own/section.ts';
import { median } from './measure.ts';
import { type Subject } from './subject.ts';

/** What a thousand concurrent runs took. */
export interface ForksMeasured {
  readonly runsPerSecond: number;
  /** By how many megabytes of heap the busiest moment exceeds the start. */
  readonly peakMb: number;
  /** Bytes of heap that stay for good, per run. */
  readonly retainedBytes: number;
}

const RUNS = 1000;
const LENGTH = 10;
const ROUNDS = 5;

/** B7: starts a thousand runs of a chain at once, some rounds of it; the making of the runs counts. */
export async function measureForks(subject: Subject): Promise<ForksMeasured> {
  const fork = await subject.forks?.(LENGTH);
  if (fork === undefined) throw new Error(`${subject.name} has no concurrent runs.`);
  const runAll = async (): Promise<void> => {
    const results = await Promise.all(Array.from({ length: RUNS }, () => fork()()));
    if (results.some((result) => result !== LENGTH))
      throw new Error(`${subject.name}: expected every run to give ${LENGTH}.`);
  };
  await runAll();
  await runAll();
  const before = heapUsed();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    await runAll();
    times.push(performance.now() - start);
  }
  const after = heapUsed();
  const pending = Array.from({ length: RUNS }, () => fork()());
  const peak = process.memoryUsage().heapUsed;
  await Promise.all(pending);
  return {
    runsPerSecond: (RUNS / median(times)) * 1000,
    peakMb: (peak - after) / 1024 ** 2,
    retainedBytes: (after - before) / (RUNS * ROUNDS),
  };
}
