import { type CheckpointHead, MemoryCheckpointStore } from '@colloquy/core';
import { describe, expect, it } from 'vitest';

import { checkpointStoreSuite } from './checkpoint-store-suite.ts';

describe('the memory store', () => {
  it.each(checkpointStoreSuite(() => new MemoryCheckpointStore()))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

class Forgetful extends MemoryCheckpointStore {
  override async saveResult(): Promise<boolean> {
    return true;
  }
}

class Careless extends MemoryCheckpointStore {
  override async save(...[checkpoint]: Parameters<MemoryCheckpointStore['save']>): Promise<void> {
    const latest = await this.latest(checkpoint.workflowName, checkpoint.threadId, checkpoint);
    await super.save(checkpoint, { expectedParent: latest?.id ?? null });
  }
}

class Backwards extends MemoryCheckpointStore {
  override async *list(
    ...args: Parameters<MemoryCheckpointStore['list']>
  ): AsyncGenerator<CheckpointHead, void> {
    const heads: CheckpointHead[] = [];
    for await (const head of super.list(...args)) heads.unshift(head);
    yield* heads;
  }
}

class Hoarder extends MemoryCheckpointStore {
  override async delete(): Promise<boolean> {
    return true;
  }
}

describe('the suite', () => {
  it.each([Forgetful, Careless, Backwards, Hoarder])(
    'finds what is wrong with %s',
    async (Broken) => {
      const failed: string[] = [];

      for (const { name, run } of checkpointStoreSuite(() => new Broken()))
        await run().catch(() => failed.push(name));

      expect(failed).not.toEqual([]);
    },
  );
});
