import { type SavedResult } from '../checkpoint/checkpoint-store.ts';
import { type JsonValue } from '../primitives/json.ts';
import { recordAt } from './parse-snapshot.ts';

/** A finished step of a handler of an unfinished superstep. */
export interface FinishedStep {
  /** Which superstep of the conversation. */
  readonly step: number;
  readonly value: unknown;
}

/** The finished steps of a superstep, by the keys that `stepKey` makes. */
export type FinishedSteps = ReadonlyMap<string, FinishedStep>;

export const NO_STEPS: FinishedSteps = new Map();

const PREFIX = 'step:';

/** Names a step of a superstep: whose, of which of its messages, and the step's own id. */
export function stepKey(executorId: string, position: number, id: string): string {
  return `${stepScope(executorId, position)}${id}`;
}

/** How the keys of one message's steps begin. */
export function stepScope(executorId: string, position: number): string {
  return `${PREFIX}${JSON.stringify(executorId)}/${position}/`;
}

/** The steps among saved results, of one superstep. */
export function readSteps(
  saved: readonly SavedResult[],
  superstep: number,
  readAside: (json: JsonValue) => unknown,
): FinishedSteps {
  const steps = saved
    .filter(({ key }) => key.startsWith(PREFIX))
    .map(({ key, result }) => {
      const { step, value } = recordAt(readAside(result), `results.${key}`);
      return [key, { step: Number(step), value }] as const;
    });
  return new Map(steps.filter(([, { step }]) => step === superstep));
}
