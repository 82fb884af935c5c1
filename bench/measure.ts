import { isDeepStrictEqual } from 'node:util';

import { Bench } from 'tinybench';

import { type Row } from './cases.ts';
import { type Run, type Subject } from './subject.ts';

/** What one subject took for one row, in microseconds per unit. */
export interface Measured {
  readonly subject: string;
  /** The median of the rounds' medians; `undefined` where the subject cannot do the row. */
  readonly median: number | undefined;
  /** The least and the greatest of the rounds' medians. */
  readonly spread: readonly [number, number] | undefined;
}

/** How long is measured. */
export interface MeasureOptions {
  /** Every subject has its turn once a round: A B A B. */
  readonly rounds: number;
  /** How long a subject's turn lasts at least, in milliseconds; a run is never cut short. */
  readonly turnMs: number;
}

/**
 * Measures subjects beside each other, in turns, so that what else the machine does meets all of them.
 *
 * Rejects when a run gives another result than the row expects.
 */
export async function measureRow(
  row: Row,
  subjects: readonly Subject[],
  { rounds, turnMs }: MeasureOptions,
): Promise<Measured[]> {
  const contestants: { name: string; run: Run | undefined; medians: number[] }[] = [];
  for (const subject of subjects) {
    const prepared = await row.prepare(subject);
    const run = prepared && checked(`${subject.name}, ${row.label}`, prepared, row.expected);
    contestants.push({ name: subject.name, run, medians: [] });
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, run, medians } of contestants)
      if (run !== undefined) medians.push(await medianOf(name, run, turnMs));
  }
  return contestants.map(({ name, medians }) =>
    summarize(
      name,
      medians.map((ms) => (ms * 1000) / row.units),
    ),
  );
}

function checked(label: string, run: Run, expected: unknown): Run {
  return async () => {
    const result = await run();
    if (isDeepStrictEqual(result, expected)) return;
    throw new Error(`${label}: expected ${String(expected)}, got ${String(result)}.`);
  };
}

/** The median time of a run in one turn, in milliseconds. */
async function medianOf(name: string, run: Run, turnMs: number): Promise<number> {
  // A single run that takes longer than a turn is its own warm-up and its own measurement.
  const bench = new Bench({
    time: turnMs,
    warmupTime: turnMs / 3,
    iterations: 1,
    warmupIterations: 1,
    throws: true,
  });
  bench.add(name, run);
  const [task] = await bench.run();
  if (task === undefined || !('latency' in task.result)) throw new Error(`${name} did not run.`);
  return task.result.latency.p50;
}

function summarize(subject: string, values: readonly number[]): Measured {
  const sorted = values.toSorted((left, right) => left - right);
  const [least] = sorted;
  const greatest = sorted.at(-1);
  if (least === undefined || greatest === undefined)
    return { subject, median: undefined, spread: undefined };
  return { subject, median: median(sorted), spread: [least, greatest] };
}

/** The middle of a list of numbers; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (upper + lower) / 2;
}
