import { type CreateTeam, orchestratorSuite } from '@colloquy/testing';
import { BaseGroupChatOrchestrator, groupChat } from '@colloquy/orchestrations';
import { describe, expect, it } from 'vitest';

import { TEAMS } from './teams.ts';

describe.each(Object.entries(TEAMS))('%s', (_, create) => {
  it.each(orchestratorSuite(create))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

/** Forgets at a reset whose turn it is only if it is told to, and keeps or loses it in checkpoints. */
class Turns extends BaseGroupChatOrchestrator {
  readonly #isReset: boolean;
  #turn = 0;

  constructor(isReset: boolean) {
    super({ maxRounds: 2 });
    this.#isReset = isReset;
  }

  protected override nextSpeaker(): string {
    this.#turn += 1;
    return ['ann', 'bob', 'cid'][this.#turn % 3] ?? '';
  }

  protected override _resetPatternState(): void {
    if (this.#isReset) this.#turn = 0;
  }
}

const broken =
  (isReset: boolean): CreateTeam =>
  ({ participants, options }) =>
    groupChat({
      ...options,
      name: 'broken',
      participants,
      orchestrator: () => new Turns(isReset),
    });

async function failuresOf(create: CreateTeam): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of orchestratorSuite(create)) await run().catch(() => failed.push(name));
  return failed;
}

describe('the suite', () => {
  it('finds an orchestrator that survives its reset', async () => {
    expect(await failuresOf(broken(false))).toContain('is as new after a reset');
  });

  it('finds an orchestrator that forgets itself in a checkpoint', async () => {
    const failed = await failuresOf(broken(true));

    expect(failed).not.toContain('is as new after a reset');
    expect(failed).toContain('goes on from each of its checkpoints to the same end');
  });
});
