import { checkpointStoreSuite } from '@colloquy/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { initdbProgram, startPostgres } from '../../test/postgres-server.ts';
import { someCheckpoint } from '../../test/some-checkpoint.ts';
import { type TestServer } from '../../test/test-server.ts';
import { PostgresCheckpointStore } from './postgres-checkpoint-store.ts';

const isMissing = initdbProgram === undefined;

/** A pool that does not mind that the server stops while a connection is being closed. */
function openPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString });
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', () => undefined);
  return pool;
}

describe.skipIf(isMissing)(
  `the Postgres store${isMissing ? ' (skipped: install postgresql to test it)' : ''}`,
  () => {
    let server: TestServer;
    let admin: pg.Pool;
    let databases = 0;
    const urlOf = new WeakMap<object, string>();

    beforeAll(async () => {
      server = await startPostgres();
      admin = openPool(server.url);
    }, 60_000);

    afterAll(async () => {
      await admin.end();
      await server.stop();
    });

    /** A schema of its own for each store. */
    async function newUrl(): Promise<string> {
      const schema = `s${(databases += 1)}`;
      await admin.query(`CREATE SCHEMA ${schema}`);
      return `${server.url}?options=${encodeURIComponent(`-c search_path=${schema}`)}`;
    }

    async function createStore(): Promise<PostgresCheckpointStore> {
      const url = await newUrl();
      const store = new PostgresCheckpointStore(url);
      urlOf.set(store, url);
      return store;
    }

    const suite = checkpointStoreSuite(createStore, {
      reopen: (store) => new PostgresCheckpointStore(urlOf.get(store) ?? ''),
    });
    it.each(suite)('$name', async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    });

    it("leaves a pool of the caller's open", async () => {
      const pool = openPool(await newUrl());
      const store = new PostgresCheckpointStore(pool);
      await store.save(someCheckpoint('one'), { expectedParent: null });

      await store.close();

      const { rows } = await pool.query('SELECT id FROM colloquy_checkpoints');
      expect(rows).toEqual([{ id: 'one' }]);
      await pool.end();
    });

    it('does one operation at a time on a single client', async () => {
      const client = new pg.Client({ connectionString: await newUrl() });
      client.on('error', () => undefined);
      await client.connect();
      const store = new PostgresCheckpointStore(client);
      await store.save(someCheckpoint('one'), { expectedParent: null });

      const attempts = [1, 2, 3].map((index) =>
        store.save(someCheckpoint(`next ${index}`), { expectedParent: 'one' }),
      );

      const outcomes = (await Promise.allSettled(attempts)).map(({ status }) => status);
      expect(outcomes).toEqual(['fulfilled', 'rejected', 'rejected']);
      await client.end();
    });

    it('makes its tables once though many processes begin at once', async () => {
      const url = await newUrl();
      const stores = Array.from({ length: 5 }, () => new PostgresCheckpointStore(url));

      const found = await Promise.all(stores.map((store) => store.answers('thread')));

      expect(found).toEqual([[], [], [], [], []]);
      await Promise.all(stores.map((store) => store.close()));
    });

    it('goes on after its connections were cut', async () => {
      const store = await createStore();
      await store.save(someCheckpoint('one'), { expectedParent: null });
      await admin.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()',
      );

      await store.load('one').catch(() => undefined);

      expect((await store.load('one')).id).toBe('one');
      await store.close();
    });

    it('says what is wrong when there is no server, and tries again', async () => {
      const store = new PostgresCheckpointStore('postgres://postgres@127.0.0.1:1/postgres');

      await expect(store.load('one')).rejects.toMatchObject({ code: 'checkpoint/store-failed' });
      await expect(store.load('one')).rejects.toMatchObject({ code: 'checkpoint/store-failed' });
      await store.close();
    });
  },
);
