import { MemoryCheckpointStore } from '@colloquy/core';
import { describe, expect, it } from 'vitest';

import { buildCounter } from '../../test/workflows.ts';
import { ResponseCheckpoints } from './response-checkpoints.ts';

const forResponse = (store: MemoryCheckpointStore, tenant: string, responseId: string) =>
  new ResponseCheckpoints({ tenant, responseId, from: store, to: store });

describe('the checkpoints of a response', () => {
  it('H1: lie in a thread of their own, and build on nothing outside it', async () => {
    const store = new MemoryCheckpointStore();
    const first = forResponse(store, 'ada', 'resp_1');
    const second = forResponse(store, 'ada', 'resp_2');
    const { checkpointId } = await buildCounter().run('a', { checkpoints: first });
    const workflow = buildCounter();
    await workflow.resume({ checkpointId, checkpoints: second });
    await workflow.run('b', { checkpoints: second });

    await store.prune({ threadId: 'hosting/ada/resp_1' });
    const chain = await store.loadChain(second.lastSavedId ?? '');

    expect(chain.map(({ threadId }) => threadId)).toEqual(chain.map(() => 'hosting/ada/resp_2'));
    expect(chain[0]?.baseId).toBeNull();
  });

  it("H2: of another tenant's are not found", async () => {
    const store = new MemoryCheckpointStore();
    const { checkpointId = '' } = await buildCounter().run('a', {
      checkpoints: forResponse(store, 'ada', 'resp_1'),
    });

    for (const tenant of ['bob', 'ad', 'ada/', 'ada/resp_1', '..', 'a%64a']) {
      const other = forResponse(store, tenant, 'resp_2');
      await expect(other.load(checkpointId)).rejects.toMatchObject({
        code: 'checkpoint/not-found',
      });
      await expect(other.loadChain(checkpointId)).rejects.toThrow('which the store does not have');
    }
    expect((await forResponse(store, 'ada', 'resp_2').load(checkpointId)).id).toBe(checkpointId);
  });

  it('keep results and answers where the store keeps them', async () => {
    const store = new MemoryCheckpointStore();
    const checkpoints = forResponse(store, 'ada', 'resp_1');
    const scope = { checkpointId: 'c', branchId: 'b' };
    const heads = [];

    await checkpoints.saveResult(scope, { key: 'k', result: 1 });
    await checkpoints.saveAnswer('any', { requestId: 'r', answer: 2 });
    await buildCounter().run('a', { checkpoints });
    for await (const { id } of checkpoints.list()) heads.push(id);

    expect(await checkpoints.results(scope)).toEqual([{ key: 'k', result: 1 }]);
    expect(await checkpoints.answers()).toEqual([{ requestId: 'r', answer: 2 }]);
    expect(heads.at(-1)).toBe(checkpoints.lastSavedId);
    expect([await checkpoints.delete(heads[0] ?? ''), await checkpoints.prune()]).toEqual([
      true,
      heads.length - 1,
    ]);
  });
});
