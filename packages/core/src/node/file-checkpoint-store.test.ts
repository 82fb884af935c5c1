import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { checkpointStoreSuite } from '@colloquy/testing';
import { afterAll, describe, expect, it } from 'vitest';

import { type WorkflowCheckpoint } from '../checkpoint/workflow-checkpoint.ts';
import { FileCheckpointStore } from './file-checkpoint-store.ts';

const folders: string[] = [];

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-'));
  folders.push(folder);
  return folder;
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const folderOf = new WeakMap<object, string>();

async function createStore(): Promise<FileCheckpointStore> {
  const folder = await createFolder();
  const store = new FileCheckpointStore(folder);
  folderOf.set(store, folder);
  return store;
}

describe('the file store', () => {
  const suite = checkpointStoreSuite(createStore, {
    reopen: (store) => new FileCheckpointStore(folderOf.get(store) ?? ''),
  });
  it.each(suite)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

const checkpoint: WorkflowCheckpoint = {
  id: 'one',
  parentId: null,
  threadId: 'thread',
  branchId: 'main',
  runId: 'run',
  workflowName: 'flow',
  graphSignature: 'graph',
  superstep: 0,
  runState: 'idle',
  createdAt: 1,
  version: 1,
  baseId: null,
  state: { text: 'hello' },
};

/** The path of the only checkpoint in a folder. */
async function pathIn(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true });
  return join(folder, names.find((name) => name.includes('c-')) ?? '');
}

describe('a damaged folder', () => {
  it.each([
    ['cut', (path: string) => truncate(path, 100)],
    ['empty', (path: string) => truncate(path, 0)],
    [
      'changed',
      async (path: string) => {
        await writeFile(path, (await readFile(path, 'utf8')).replace('hello', 'jello'));
      },
    ],
    ['foreign', (path: string) => writeFile(path, 'hello\nworld')],
  ])('reports a file that is %s, and never hides it', async (_what, damage) => {
    const folder = await createFolder();
    const store = new FileCheckpointStore(folder);
    await store.save(checkpoint, { expectedParent: null });
    const path = await pathIn(folder);

    await damage(path);

    const refused = { code: 'checkpoint/decode', message: expect.stringContaining(path) };
    await expect(store.load('one')).rejects.toMatchObject(refused);
    await expect(store.latest('flow', 'thread')).rejects.toMatchObject(refused);
    await expect(store.list().next()).rejects.toMatchObject(refused);
  });

  it('F1: ignores what a crash left unfinished, and finds what it left without a note', async () => {
    const folder = await createFolder();
    const store = new FileCheckpointStore(folder);
    await store.save(checkpoint, { expectedParent: null });
    const path = await pathIn(folder);
    await writeFile(path.replace('c-', 'tmp-'), 'half a chec');
    await rm(join(folder, 'ids'), { recursive: true });

    expect((await store.load('one')).state).toEqual({ text: 'hello' });
    expect(await readdir(join(folder, 'ids'))).toHaveLength(1);
  });

  it('is told as a failure of the store when the system refuses', async () => {
    const folder = await createFolder();
    await writeFile(join(folder, 'file'), '');
    const store = new FileCheckpointStore(join(folder, 'file'));

    await expect(store.save(checkpoint, { expectedParent: null })).rejects.toMatchObject({
      code: 'checkpoint/store-failed',
      cause: { code: 'ENOTDIR' },
    });
  });
});
