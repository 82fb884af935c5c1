import { subWorkflow, type Workflow, WorkflowBuilder } from '@colloquy/core';
import { expectCleanReset } from '@colloquy/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { holdAndLeave, keysOf, type Leaving, leavings } from './left-conversations.ts';
import { type TeamCase, teams } from './reset-teams.ts';
import { answerAnything, ResetWorld, suppliedSessionOf } from './reset-world.ts';

/** Where a team is at work: by itself, in another workflow, or in one as an agent. */
const places = {
  alone: (team) => team,
  inWorkflow: (team) =>
    new WorkflowBuilder({
      name: 'outer',
      start: subWorkflow(team, { id: 'inner', outputs: 'yield' }),
    }).build(),
  goingOnInWorkflow: (team) =>
    new WorkflowBuilder({
      name: 'outer',
      start: subWorkflow(team, { id: 'inner', outputs: 'yield', isolation: 'shared' }),
    }).build(),
  asAgent: (team) =>
    new WorkflowBuilder({ name: 'outer', start: team.asAgent({ name: 'panel' }) }).build(),
} satisfies Record<string, (team: Workflow<string>) => Workflow<string>>;

/** One case: a team at a place, and two conversations, of which the first is left. */
interface ResetCase {
  readonly team: TeamCase;
  readonly seed: number;
  readonly place: keyof typeof places;
  readonly leaving: Leaving;
  readonly first: string;
  readonly second: string;
}

const casesOf = (team: fc.Arbitrary<TeamCase>): fc.Arbitrary<ResetCase> =>
  fc.record({
    team,
    seed: fc.nat(),
    place: fc.constantFrom(...keysOf(places)),
    leaving: leavings,
    first: fc.constantFrom('A', 'ann says 3', 'x'),
    second: fc.constantFrom('B', 'ann says 3', 'A'),
  });

/** Checks a case; gives what the logger of the workflow that was reset was told. */
async function check(
  { team, seed, place, leaving, first, second }: ResetCase,
  reachable: boolean,
): Promise<readonly string[]> {
  const isForgetful = team.supplied.length > 0;
  const used = new ResetWorld(seed, isForgetful);
  const worlds = [used, new ResetWorld(seed, isForgetful)].values();
  await expectCleanReset(() => places[place](team.build(worlds.next().value ?? used)), {
    first,
    second,
    reachable,
    answer: answerAnything,
    keptSessions: team.supplied.map(suppliedSessionOf),
    hold: (workflow, input) => {
      const { fault, store } = used;
      return holdAndLeave(workflow, input, { leaving, fault, store, answer: answerAnything });
    },
  });
  return used.warnings;
}

describe('for any team and any two inputs A and B, left anywhere in A', () => {
  it.each(keysOf(teams))(
    'run(A), reset, run(B) is run(B) of a new team: %s',
    async (pattern) => {
      await fc.assert(
        fc.asyncProperty(casesOf(teams[pattern]), async (each) => {
          const warnings = await check(each, false);

          const kept = warnings.filter((warning) => warning.includes('keeps session'));
          const expected = each.place === 'alone' ? each.team.supplied.length : kept.length;
          expect(kept).toHaveLength(expected);
        }),
        { numRuns: 300 },
      );
    },
    60_000,
  );

  it.each(keysOf(teams))(
    'nothing that was said in A can be reached after the reset: %s',
    async (pattern) => {
      await fc.assert(
        fc.asyncProperty(casesOf(teams[pattern]), async (each) => {
          await expect(check(each, true)).resolves.toBeInstanceOf(Array);
        }),
        { numRuns: 25 },
      );
    },
    60_000,
  );
});
