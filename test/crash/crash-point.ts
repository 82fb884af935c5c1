import { AsyncLocalStorage } from 'node:async_hooks';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

import { type CheckpointStore } from '@colloquy/core';

/**
 * Where in a write a process dies: before anything of it, with half a file written, with the file in its place but not
 * yet synchronised or noted, or when all of it is done; or at which write the disk is full.
 */
export type CrashKind = 'before' | 'torn' | 'linked' | 'after' | 'full';

export const CRASH_KINDS: readonly CrashKind[] = ['before', 'torn', 'linked', 'after', 'full'];

/** Where a process dies. */
export interface CrashPoint {
  readonly kind: CrashKind;
  /** Which write to the store, counted from 1; 0 for none. */
  readonly write: number;
}

/** A store that dies at a point, and counts its writes. */
export function withCrash(
  store: CheckpointStore,
  { kind, write }: CrashPoint,
): { readonly store: CheckpointStore; readonly writes: () => number } {
  let writes = 0;
  const current = new AsyncLocalStorage<number>();
  crashInFiles(kind, () => current.getStore() === write);
  const writing = async <T>(work: () => Promise<T>): Promise<T> => {
    writes += 1;
    const isHere = writes === write;
    if (isHere && kind === 'before') die();
    const result = await current.run(writes, work);
    if (isHere) die();
    return result;
  };
  const crashing: CheckpointStore = {
    save: (checkpoint, options) => writing(() => store.save(checkpoint, options)),
    saveResult: (scope, saved) => writing(() => store.saveResult(scope, saved)),
    saveAnswer: (threadId, saved) => writing(() => store.saveAnswer(threadId, saved)),
    results: (scope) => store.results(scope),
    answers: (threadId) => store.answers(threadId),
    load: (id) => store.load(id),
    loadChain: (id) => store.loadChain(id),
    latest: (workflowName, threadId, options) => store.latest(workflowName, threadId, options),
    list: (filter) => store.list(filter),
    delete: (id) => store.delete(id),
    prune: (options) => store.prune(options),
    close: () => store.close(),
  };
  return { store: crashing, writes: () => writes };
}

/** Dies as a process does that is killed: at once, with nothing cleaned up. */
function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('The process is being killed.');
}

/** Makes the file system die, or run full, in the write that is meant. */
function crashInFiles(kind: CrashKind, isMeant: () => boolean): void {
  const { open, link } = fsPromises;
  fsPromises.open = async (...args) => {
    const handle = await open(...args);
    if (args[1] !== 'w') return handle;
    const writeFile = handle.writeFile.bind(handle);
    handle.writeFile = async (data) => {
      if (typeof data !== 'string' || !isMeant()) return writeFile(data);
      if (kind === 'torn' || kind === 'full') await writeFile(data.slice(0, data.length / 2));
      if (kind === 'torn') die();
      if (kind === 'full') throw new NoSpaceError();
      return writeFile(data);
    };
    return handle;
  };
  fsPromises.link = async (...args) => {
    await link(...args);
    if (isMeant() && kind === 'linked') die();
  };
  syncBuiltinESMExports();
}

class NoSpaceError extends Error {
  readonly code = 'ENOSPC';

  constructor() {
    super('ENOSPC: no space left on device, write');
  }
}
