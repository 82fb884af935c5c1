import { textOf, type WorkflowResult } from '@colloquy/core';

import { type Meter, Stage, type StrategyName } from './strategies.ts';
import { createWorld, type WorldName } from './world.ts';

/** What is tried: a world, and for the contaminated one whether the conversation is reset between its two tasks. */
export interface Trial {
  readonly world: WorldName;
  readonly isReset: boolean;
  readonly strategy: StrategyName;
  readonly seed: number;
}

/** What came of it. */
export interface Outcome extends Meter {
  readonly ending: 'right' | 'wrong' | 'none';
}

const NO_WORK: Meter = {
  modelCalls: 0,
  deliveredCharacters: 0,
  turns: 0,
  replans: 0,
  hasHitDeadEnd: false,
};

/** Runs a strategy in a world; of the contaminated one the second task counts. */
export async function runTrial({ world: name, isReset, strategy, seed }: Trial): Promise<Outcome> {
  const first = createWorld(name, seed);
  const meter = { ...NO_WORK };
  const stage = new Stage(first, meter);
  const team = stage.build(strategy);
  if (name === 'contaminated conversation') {
    await team.run(first.task);
    if (isReset) await team.resetForNewRun();
    stage.world = createWorld(name, seed, 2);
    Object.assign(meter, NO_WORK);
  }
  const result = await team.run(stage.world.task);
  return { ...meter, ending: endingOf(result, stage.world.answers) };
}

/** Only the last word counts: what somebody said on the way and nobody took up is no answer. */
function endingOf({ outputs }: WorkflowResult, answers: readonly string[]): Outcome['ending'] {
  const answer = /ANSWER: (\w+)/.exec(lastTextOf(outputs.at(-1)))?.[1];
  if (answer === undefined) return 'none';
  return answers.includes(answer) ? 'right' : 'wrong';
}

/** Outputs are responses, which hold messages, or one message. */
function lastTextOf(output: unknown): string {
  if (typeof output !== 'object' || output === null) return '';
  const text: unknown = Reflect.get(output, 'text');
  if (typeof text === 'string') return text;
  const contents: unknown = Reflect.get(output, 'contents');
  return Array.isArray(contents) ? textOf({ contents }) : '';
}
