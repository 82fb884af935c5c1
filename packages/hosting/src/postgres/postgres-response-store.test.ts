import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { initdbProgram, startPostgres } from '../../../stores/test/postgres-server.ts';
import { type TestServer } from '../../../stores/test/test-server.ts';
import { responseStoreSuite } from '../../test/response-store-suite.ts';
import { PostgresResponseStore } from './postgres-response-store.ts';

/** A connection that has heard of its server's end. */
async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

const isMissing = initdbProgram === undefined;

describe.skipIf(isMissing)(
  `the Postgres store${isMissing ? ' (skipped: install postgresql to test it)' : ''}`,
  () => {
    let server: TestServer;
    let admin: pg.Client;
    let schemas = 0;

    beforeAll(async () => {
      server = await startPostgres();
      admin = await connect(server.url);
    }, 60_000);

    afterAll(async () => {
      await admin.end();
      await server.stop();
    });

    async function newUrl(): Promise<string> {
      const schema = `s${(schemas += 1)}`;
      await admin.query(`CREATE SCHEMA ${schema}`);
      return `${server.url}?options=${encodeURIComponent(`-c search_path=${schema}`)}`;
    }

    responseStoreSuite('PostgresResponseStore', async () => {
      const url = await newUrl();
      const opened: PostgresResponseStore[] = [];
      const again = (): PostgresResponseStore => {
        const store = new PostgresResponseStore(url);
        opened.push(store);
        return store;
      };
      return {
        store: again(),
        again,
        [Symbol.asyncDispose]: async () => {
          for (const store of opened) await store.close();
        },
      };
    });

    it('uses a client of the caller, and leaves it open', async () => {
      const client = await connect(await newUrl());
      const store = new PostgresResponseStore(client);
      const key = { tenant: 'a', kind: 'response', id: 'x' } as const;
      await store.insert(key, 1);
      await store.close();

      expect((await client.query('SELECT id FROM colloquy_records')).rows).toEqual([{ id: 'x' }]);
      await client.end();
    });
  },
);
