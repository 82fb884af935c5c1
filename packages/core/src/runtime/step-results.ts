/** A finished step of a handler of an unfinished superstep. */
export interface FinishedStep {
  /** Which superstep of the conversation. */
  readonly step: number;
  readonly value: unknown;
}

/** The finished steps of a superstep, by the keys that `stepKey` makes. */
export type FinishedSteps = ReadonlyMap<string, FinishedStep>;

export const NO_STEPS: FinishedSteps = new Map();

/** How the keys of all steps begin. */
export const STEP_PREFIX = 'step:';

/** Names a step of a superstep: whose, of which of its messages, and the step's own id. */
export function stepKey(executorId: string, position: number, id: string): string {
  return `${stepScope(executorId, position)}${id}`;
}

/** How the keys of one message's steps begin. */
export function stepScope(executorId: string, position: number): string {
  return `${STEP_PREFIX}${JSON.stringify(executorId)}/${position}/`;
}
