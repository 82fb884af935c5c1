/** Measures one section; gives its lines as it gets them, and rejects when a result is wrong. */
export type Section = () => AsyncIterable<string>;

/** A number with three digits that count. */
export function digits(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

/** The milliseconds that some work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The bytes of heap in use once everything unreachable has been collected. */
export function heapUsed(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('Expected to run with --expose-gc, as pnpm bench does.');
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}
