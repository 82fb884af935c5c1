import { checkpointStoreSuite } from '@colloquy/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { redisProgram, startRedis } from '../../test/redis-server.ts';
import { someCheckpoint } from '../../test/some-checkpoint.ts';
import { type TestServer } from '../../test/test-server.ts';
import { RedisCheckpointStore } from './redis-checkpoint-store.ts';

const isMissing = redisProgram === undefined;

describe.skipIf(isMissing)(
  `the Redis store${isMissing ? ' (skipped: install redis-server to test it)' : ''}`,
  () => {
    let server: TestServer;
    let prefixes = 0;
    const prefixOf = new WeakMap<object, string>();

    beforeAll(async () => {
      server = await startRedis();
    }, 60_000);

    afterAll(async () => {
      await server.stop();
    });

    function createStore(): RedisCheckpointStore {
      const prefix = `p${(prefixes += 1)}`;
      const store = new RedisCheckpointStore(server.url, { prefix });
      prefixOf.set(store, prefix);
      return store;
    }

    const suite = checkpointStoreSuite(createStore, {
      reopen: (store) => new RedisCheckpointStore(server.url, { prefix: prefixOf.get(store) }),
    });
    it.each(suite)('$name', async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    });

    it("leaves a client of the caller's open, and its keys under one hash tag", async () => {
      const client = new Redis(server.url);
      const store = new RedisCheckpointStore(client, { prefix: 'mine' });
      await store.save(someCheckpoint('one'), { expectedParent: null });
      await store.saveResult({ checkpointId: 'one', branchId: 'main' }, { key: 'a', result: 1 });

      await store.close();

      const keys = await client.keys('{mine}:*');
      expect(keys.length).toBeGreaterThan(4);
      expect(await client.ping()).toBe('PONG');
      await client.quit();
    });

    it('leaves no key behind when everything is pruned', async () => {
      const client = new Redis(server.url);
      const store = new RedisCheckpointStore(client, { prefix: 'gone' });
      await store.save(someCheckpoint('one'), { expectedParent: null });
      await store.saveAnswer('thread', { requestId: 'q', answer: 1 });
      await store.saveResult({ checkpointId: 'one', branchId: 'main' }, { key: 'a', result: 1 });

      await store.prune();

      expect(await client.keys('{gone}:*')).toEqual(['{gone}:seq']);
      await client.quit();
    });

    it('lists more heads than it reads at a time', async () => {
      const store = createStore();
      for (let index = 0; index < 501; index += 1) {
        const branchId = `b${index}`;
        await store.save({ ...someCheckpoint(`${index}`), branchId }, { expectedParent: null });
      }

      const ids: string[] = [];
      for await (const { id } of store.list()) ids.push(id);

      expect(ids).toEqual(Array.from({ length: 501 }, (_, index) => `${index}`));
      await store.close();
    });

    it('says what is wrong when there is no server', async () => {
      const store = new RedisCheckpointStore('redis://127.0.0.1:1');

      await expect(store.load('one')).rejects.toMatchObject({ code: 'checkpoint/store-failed' });
      await store.close().catch(() => undefined);
    });
  },
);
