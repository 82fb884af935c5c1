import assert from 'node:assert/strict';

import { MemoryCheckpointStore, textOf, type WorkflowOptions } from '@colloquy/core';

import { type ConformanceCase } from './checkpoint-store-suite.ts';
import { messageOfError, type ObservedRun, observeRun } from './observed-run.ts';
import { type CreateTeam, SuiteTeam } from './suite-team.ts';

/** What teams are given to do. */
export interface OrchestratorSuiteOptions {
  /** Two different ones. */
  readonly tasks?: readonly [string, string];
}

/**
 * What holds for every orchestration, as cases for any test runner:
 * `for (const { name, run } of orchestratorSuite(create)) test(name, run)`.
 *
 * @param create - Builds a team of the given participants, whose orchestrator is made anew each time.
 */
export function orchestratorSuite(
  create: CreateTeam,
  { tasks = ['Find a name for a bakery', 'Plan a picnic'] }: OrchestratorSuiteOptions = {},
): readonly ConformanceCase[] {
  const world: World = { create, first: tasks[0], second: tasks[1] };
  return Object.entries(CASES).map(([name, check]) => ({ name, run: () => check(world) }));
}

interface World {
  readonly create: CreateTeam;
  readonly first: string;
  readonly second: string;
}

/** The most requests of a run at which something goes wrong in turn. */
const MOST_PLACES = 12;

function teamOf({ create }: World, options: WorkflowOptions = {}): SuiteTeam {
  return new SuiteTeam(create, { logger: { warn: () => {}, debug: () => {} }, ...options });
}

/** A run, and what the models were asked in it. */
async function runOf(
  team: SuiteTeam,
  task: string,
): Promise<{ readonly run: ObservedRun; readonly seen: unknown }> {
  const before = team.requests.length;
  const run = await observeRun(team.workflow.stream(task));
  const requests = team.requests.slice(before);
  return { run, seen: { requests, events: run.events, error: messageOfError(run.error) } };
}

/** Requests from the first to the last, or to where it is enough. */
async function placesIn(world: World): Promise<number[]> {
  const team = teamOf(world);
  await runOf(team, world.first);
  const count = Math.min(team.requests.length, MOST_PLACES);
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** After a reset the second task goes as it does in a new team. */
async function assertAsNew(team: SuiteTeam, world: World, where: string): Promise<void> {
  const fresh = await runOf(teamOf(world), world.second);
  await team.workflow.resetForNewRun();
  const again = await runOf(team, world.second);
  assert.deepEqual(again.seen, fresh.seen, `after a reset ${where}`);
}

const CASES: Readonly<Record<string, (world: World) => Promise<void>>> = {
  'ends, and says why': async (world) => {
    const { run } = await runOf(teamOf(world), world.first);
    assert.equal(messageOfError(run.error), undefined);
    assert.notEqual(run.result?.stopReason.code, '');
  },
  'asks nobody who has nothing to read': async (world) => {
    const team = teamOf(world);
    await runOf(team, world.first);
    for (const { name, request } of team.requests) {
      const said = request.messages.map(textOf).join('');
      assert.notEqual(said, '', `${name} was given nothing to read`);
    }
  },
  'tells its participants of the task': async (world) => {
    const team = teamOf(world);
    await runOf(team, world.first);
    const isTold = team.requests.some(({ request }) =>
      request.messages.some((message) => textOf(message).includes(world.first)),
    );
    assert.ok(isTold, 'nobody was told of the task');
  },
  'does the same when it is told the same': async (world) => {
    const first = await runOf(teamOf(world), world.first);
    const second = await runOf(teamOf(world), world.first);
    assert.deepEqual(second.seen, first.seen);
  },
  'comes to the same without a reader': async (world) => {
    const { run } = await runOf(teamOf(world), world.first);
    const result = await teamOf(world).workflow.run(world.first);
    assert.deepEqual(toJson(result.outputs), toJson(run.result?.outputs));
    assert.deepEqual(result.stopReason, run.result?.stopReason);
  },
  'is as new after a reset': async (world) => {
    const team = teamOf(world);
    await runOf(team, world.first);
    await assertAsNew(team, world, 'of a whole run');
  },
  'is as new after a reset of a run whose model failed': async (world) => {
    for (const place of await placesIn(world)) {
      const team = teamOf(world);
      team.failAt = place;
      await runOf(team, world.first);
      await assertAsNew(team, world, `of a run whose request ${place} failed`);
    }
  },
  'is as new after a reset of a run that was cancelled': async (world) => {
    for (const place of await placesIn(world)) {
      const team = teamOf(world);
      team.silentAt = place;
      const run = team.workflow.stream(world.first);
      await team.silence;
      await run.cancel('enough');
      await assertAsNew(team, world, `of a run that was cancelled in request ${place}`);
    }
  },
  'goes on after a model has failed, as if nothing had been': async (world) => {
    const { run } = await runOf(teamOf(world), world.first);
    for (const place of await placesIn(world)) {
      const checkpoints = new MemoryCheckpointStore();
      const team = teamOf(world, { checkpoints, threadId: 'suite' });
      team.failAt = place;
      const { error } = (await runOf(team, world.first)).run;
      if (error === undefined) continue;
      const { outputs } = await team.workflow.resume({ threadId: 'suite' });
      assert.deepEqual(
        toJson(outputs),
        toJson(run.result?.outputs),
        `after request ${place} failed`,
      );
    }
  },
  'goes on from each of its checkpoints to the same end': async (world) => {
    const checkpoints = new MemoryCheckpointStore();
    const { run } = await runOf(teamOf(world, { checkpoints }), world.first);
    for await (const { id, runState } of checkpoints.list()) {
      if (runState !== 'in_progress') continue;
      const { outputs } = await teamOf(world).workflow.resume({ checkpointId: id, checkpoints });
      assert.deepEqual(toJson(outputs), toJson(run.result?.outputs), `from checkpoint ${id}`);
    }
  },
  'can be forked, and forks share nothing': async (world) => {
    const fresh = await runOf(teamOf(world), world.second);
    const team = teamOf(world);
    const fork = team.workflow.fork();
    await runOf(team, world.first);
    const { result } = await observeRun(fork.stream(world.second));
    assert.deepEqual(toJson(result?.outputs), toJson(fresh.run.result?.outputs));
  },
  'runs beside its forks': async (world) => {
    const alone = await runOf(teamOf(world), world.first);
    const { workflow } = teamOf(world);
    const runs = [workflow, workflow.fork(), workflow.fork()].map((each) => each.run(world.first));
    for (const { outputs } of await Promise.all(runs))
      assert.deepEqual(toJson(outputs), toJson(alone.run.result?.outputs));
  },
};

function toJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
