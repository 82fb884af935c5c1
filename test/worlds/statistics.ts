/** A share with its 95 % interval, from 0 to 1. */
export interface Share {
  readonly count: number;
  readonly total: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

const Z = 1.959_963_984_540_054;

/** The Wilson score interval; of nothing it is everything. */
export function wilson(count: number, total: number): Share {
  if (total === 0) return { count, total, share: 0, low: 0, high: 1 };
  const share = count / total;
  const scale = 1 + Z ** 2 / total;
  const middle = (share + Z ** 2 / (2 * total)) / scale;
  const half = (Z * Math.sqrt((share * (1 - share)) / total + Z ** 2 / (4 * total ** 2))) / scale;
  const low = count === 0 ? 0 : Math.max(0, middle - half);
  const high = count === total ? 1 : Math.min(1, middle + half);
  return { count, total, share, low, high };
}

/** Where the middle of the values lies, and their middle half. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** Quartiles, by the nearest rank. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (part: number): number =>
    sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}

/** Two strategies on the same seeds: how often only one of them succeeded, and whose share of that is the first's. */
export interface Paired {
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** Of the seeds on which they differ. */
  readonly shareOfFirst: Share;
}

/** Compares by seed; both lists are in the order of the seeds. */
export function compare(first: readonly boolean[], second: readonly boolean[]): Paired {
  const pairs = first.map((isRight, index) => [isRight, second[index] ?? isRight] as const);
  const onlyFirst = pairs.filter(([one, other]) => one && !other).length;
  const onlySecond = pairs.filter(([one, other]) => !one && other).length;
  return { onlyFirst, onlySecond, shareOfFirst: wilson(onlyFirst, onlyFirst + onlySecond) };
}
