import { type Outcome, runTrial } from './run-world.ts';
import { STRATEGIES, type StrategyName } from './strategies.ts';
import { WORLD_NAMES, type WorldName } from './world.ts';

/** A world as the report names it. */
export interface Condition {
  readonly label: string;
  readonly world: WorldName;
  readonly isReset: boolean;
}

/** The worlds in the order of the report; the contaminated one with and without a reset. */
export const CONDITIONS: readonly Condition[] = WORLD_NAMES.flatMap((world): Condition[] => {
  if (world !== 'contaminated conversation') return [{ label: world, world, isReset: true }];
  return [
    { label: 'second task, reset', world, isReset: true },
    { label: 'second task, no reset', world, isReset: false },
  ];
});

/** The outcomes of one strategy in one world, in the order of the seeds. */
export interface Result {
  readonly condition: Condition;
  readonly strategy: StrategyName;
  readonly outcomes: readonly Outcome[];
}

/** Tries every strategy in every world with the seeds from 1 on. */
export async function evaluate(
  seeds: number,
  report: (line: string) => void = () => {},
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const condition of CONDITIONS) {
    for (const strategy of STRATEGIES) {
      const outcomes: Outcome[] = [];
      for (let seed = 1; seed <= seeds; seed += 1)
        outcomes.push(await runTrial({ ...condition, strategy, seed }));
      const right = outcomes.filter(({ ending }) => ending === 'right').length;
      report(`${condition.label}, ${strategy}: ${right} of ${seeds} right`);
      results.push({ condition, strategy, outcomes });
    }
  }
  return results;
}
