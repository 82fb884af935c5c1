import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { responseStoreSuite } from '../../test/response-store-suite.ts';
import { FileResponseStore } from './file-response-store.ts';
import { SqliteResponseStore } from './sqlite-response-store.ts';

const temporaryFolder = async () => mkdtemp(join(tmpdir(), 'colloquy-hosting-'));

responseStoreSuite('SqliteResponseStore', async () => {
  const folder = await temporaryFolder();
  const opened: SqliteResponseStore[] = [];
  const again = () => {
    const store = new SqliteResponseStore(join(folder, 'responses.db'));
    opened.push(store);
    return store;
  };
  return {
    store: again(),
    again,
    [Symbol.asyncDispose]: async () => {
      for (const store of opened) await store.close();
      await rm(folder, { recursive: true });
    },
  };
});

responseStoreSuite('FileResponseStore', async () => {
  const folder = await temporaryFolder();
  const again = () => new FileResponseStore(folder);
  return {
    store: again(),
    again,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
});

describe('a FileResponseStore', () => {
  const key = { tenant: '../../a', kind: 'response', id: '../x' } as const;

  it('makes no file outside its folder', async () => {
    const root = await temporaryFolder();
    const store = new FileResponseStore(join(root, 'inside'));

    await store.insert(key, 1);

    expect(await readdir(root)).toEqual(['inside']);
    expect(await readdir(join(root, 'inside', 'response'))).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
    await rm(root, { recursive: true });
  });

  it('does not look at what a crash has left half done', async () => {
    const root = await temporaryFolder();
    const store = new FileResponseStore(root);
    await store.insert(key, 1);
    await store.appendEvents(key, [{ n: 0 }]);
    const [name = ''] = await readdir(join(root, 'response'));
    const folder = join(root, 'response', name);
    await writeFile(join(folder, 'tmp-1-1'), '{"ke');
    await writeFile(join(folder, 'events.jsonl'), '{"n":0}\n{"n"');
    await mkdir(join(root, 'response', 'other'));

    expect(await store.get(key)).toMatchObject({ value: 1 });
    expect(await store.events(key, 0)).toEqual([{ n: 0 }]);
    expect(await store.list({ kind: 'response', before: Date.now() + 1, limit: 9 })).toEqual([key]);
    await rm(root, { recursive: true });
  });

  it('says which record it cannot read', async () => {
    const root = await temporaryFolder();
    const store = new FileResponseStore(root);
    await store.insert(key, 1);
    const [name = ''] = await readdir(join(root, 'response'));
    await writeFile(join(root, 'response', name, 'v0000000002.json'), '{"ke');

    await expect(store.get(key)).rejects.toThrow(name);
    await rm(root, { recursive: true });
  });
});
