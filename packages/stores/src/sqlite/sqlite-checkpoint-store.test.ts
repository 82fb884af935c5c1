import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { checkpointStoreSuite } from '@colloquy/testing';
import { afterAll, describe, expect, it } from 'vitest';

import { someCheckpoint } from '../../test/some-checkpoint.ts';
import { SqliteCheckpointStore } from './sqlite-checkpoint-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'colloquy-sqlite-'));
let files = 0;
const newPath = (): string => join(folder, `${(files += 1)}.db`);
const pathOf = new WeakMap<object, string>();

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the SQLite store', () => {
  const suite = checkpointStoreSuite(
    () => {
      const path = newPath();
      const store = new SqliteCheckpointStore(path);
      pathOf.set(store, path);
      return store;
    },
    { reopen: (store) => new SqliteCheckpointStore(pathOf.get(store) ?? '') },
  );
  it.each(suite)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });

  it("leaves a database of the caller's open", async () => {
    const database = new DatabaseSync(':memory:');
    const store = new SqliteCheckpointStore(database);
    await store.save(someCheckpoint('one'), { expectedParent: null });

    await store.close();

    const [row] = database.prepare('SELECT id FROM colloquy_checkpoints').all();
    expect(row).toEqual({ id: 'one' });
    database.close();
  });

  it('closes what it never opened', async () => {
    await expect(new SqliteCheckpointStore(newPath()).close()).resolves.toBeUndefined();
  });

  it('says what is wrong with a path that leads nowhere, and tries again', async () => {
    const store = new SqliteCheckpointStore(join(folder, 'none', 'x.db'));

    await expect(store.load('one')).rejects.toMatchObject({ code: 'checkpoint/store-failed' });
    await expect(store.load('one')).rejects.toMatchObject({ code: 'checkpoint/store-failed' });
  });

  it('changes nothing when the disk is full', async () => {
    const database = new DatabaseSync(':memory:');
    const store = new SqliteCheckpointStore(database);
    await store.save(someCheckpoint('one'), { expectedParent: null });
    database.exec('PRAGMA max_page_count = 20');
    const large = { ...someCheckpoint('two'), state: 'x'.repeat(1_000_000) };

    await expect(store.save(large, { expectedParent: 'one' })).rejects.toMatchObject({
      code: 'checkpoint/store-failed',
    });

    database.exec('PRAGMA max_page_count = 100000');
    await store.save(large, { expectedParent: 'one' });
    expect((await store.load('two')).state).toHaveLength(1_000_000);
  });

  it('refuses a row that was changed by hand', async () => {
    const database = new DatabaseSync(':memory:');
    const store = new SqliteCheckpointStore(database);
    await store.save(someCheckpoint('one'), { expectedParent: null });
    database.exec("UPDATE colloquy_checkpoints SET body = 'nonsense'");

    await expect(store.load('one')).rejects.toMatchObject({ code: 'checkpoint/decode' });
  });
});
