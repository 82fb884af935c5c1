import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FileCheckpointStore } from '@colloquy/core/node';
import { afterAll, describe, expect, it } from 'vitest';

import { CRASH_KINDS, type CrashKind } from './crash-point.ts';
import { CRASHING_WORKFLOWS, THREAD } from './crashing-workflows.ts';
import { committedEffects, executions } from './effects.ts';

const CHILD = join(import.meta.dirname, 'crash-child.ts');
const TIMEOUT_MS = 120_000;
const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-crash-'));
  folders.push(folder);
  return folder;
}

/** Processes load faster when they share what was compiled. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'colloquy-compile-cache') };

/** How a process ended: killed, or with what it printed. */
interface Ended {
  readonly signal: string | undefined;
  readonly printed: {
    readonly state?: string;
    readonly outputs?: readonly unknown[];
    readonly code?: string;
    readonly message?: string;
    readonly writes?: number;
  };
}

function runChild(name: string, folder: string, kind: CrashKind, write = 0): Promise<Ended> {
  const args = ['--conditions=@colloquy/source', CHILD, name, folder, kind, String(write)];
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  execFile(process.execPath, args, { env }, (error, stdout, stderr) => {
    const signal = error?.signal ?? undefined;
    if (error !== null && signal === undefined) reject(new Error(stderr));
    else resolve({ signal, printed: signal === undefined ? JSON.parse(stdout) : {} });
  });
  return promise;
}

/** Lets two processes at a time work. */
async function forEachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all([worker(), worker()]);
}

describe.each(Object.keys(CRASHING_WORKFLOWS))('the workflow "%s"', (name) => {
  /** What a run comes to that nothing interrupts. */
  async function uninterrupted() {
    const folder = await createFolder();
    const { printed } = await runChild(name, folder, 'after');
    return { printed, effects: committedEffects(folder) };
  }

  it.each(CRASH_KINDS.filter((kind) => kind !== 'full'))(
    'ends the same in a new process, killed at any write (%s)',
    async (kind) => {
      const { printed: whole, effects } = await uninterrupted();
      const writes = Array.from({ length: whole.writes ?? 0 }, (_, index) => index + 1);
      expect(whole).toMatchObject({ state: 'idle', outputs: [expect.stringContaining('total')] });
      expect(writes.length).toBeGreaterThan(4);

      await forEachOf(writes, async (write) => {
        const folder = await createFolder();
        const crashed = await runChild(name, folder, kind, write);
        const resumed = await runChild(name, folder, 'after');

        expect([write, crashed.signal]).toEqual([write, 'SIGKILL']);
        expect([write, resumed.printed.message, resumed.printed.outputs]).toEqual([
          write,
          undefined,
          whole.outputs,
        ]);
        expect([write, committedEffects(folder)]).toEqual([write, effects]);
        expect(Math.max(...executions(folder).values())).toBeLessThanOrEqual(2);
      });
    },
    TIMEOUT_MS,
  );

  it(
    'ends the same though it is killed again and again',
    async () => {
      const { printed: whole, effects } = await uninterrupted();
      const folder = await createFolder();

      let ended = await runChild(name, folder, 'after', 1);
      let deaths = 1;
      while (ended.signal !== undefined) {
        ended = await runChild(name, folder, 'after', 2);
        deaths += 1;
      }

      expect(deaths).toBeGreaterThan(3);
      expect(ended.printed.outputs).toEqual(whole.outputs);
      expect(committedEffects(folder)).toEqual(effects);
    },
    TIMEOUT_MS,
  );

  it(
    'says that the disk is full, and ends the same when it no longer is',
    async () => {
      const { printed: whole, effects } = await uninterrupted();
      const writes = Array.from({ length: whole.writes ?? 0 }, (_, index) => index + 1);

      await forEachOf(writes, async (write) => {
        const folder = await createFolder();
        const failed = await runChild(name, folder, 'full', write);
        const resumed = await runChild(name, folder, 'after');

        expect([write, failed.printed.code]).toEqual([
          write,
          expect.stringMatching(/store-failed|executor-failed/),
        ]);
        expect([write, failed.printed.message]).toEqual([write, expect.stringContaining('ENOSPC')]);
        expect([write, resumed.printed.outputs]).toEqual([write, whole.outputs]);
        expect([write, committedEffects(folder)]).toEqual([write, effects]);
      });
    },
    TIMEOUT_MS,
  );

  it('refuses a checkpoint whose file was cut, and runs nothing', async () => {
    const folder = await createFolder();
    await runChild(name, folder, 'before', 4);
    const before = committedEffects(folder);
    const stored = join(folder, 'store');
    const files = (await readdir(stored, { recursive: true })).filter((file) => /\/c-/.test(file));
    for (const file of files) await truncate(join(stored, file), 100);

    const { printed } = await runChild(name, folder, 'after');

    expect(printed.code).toBe('checkpoint/decode');
    expect(committedEffects(folder)).toEqual(before);
    await expect(new FileCheckpointStore(stored).latest(name, THREAD)).rejects.toMatchObject({
      code: 'checkpoint/decode',
    });
  });
});
