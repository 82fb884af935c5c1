import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import {
  type CheckpointFilter,
  type CheckpointStore,
  type PruneOptions,
  type ResultScope,
  type SavedAnswer,
  type SavedResult,
} from '../checkpoint/checkpoint-store.ts';
import { matchesFilter } from '../checkpoint/matches-filter.ts';
import { selectPruned } from '../checkpoint/select-pruned.ts';
import { type CheckpointHead, type WorkflowCheckpoint } from '../checkpoint/workflow-checkpoint.ts';
import {
  CheckpointConflictError,
  CheckpointDecodeError,
  CheckpointNotFoundError,
  CheckpointStoreError,
} from '../errors/checkpoint-errors.ts';
import { ColloquyError } from '../errors/colloquy-error.ts';
import { isRecord, type JsonValue } from '../primitives/json.ts';
import { createFile, fileNameOf, isErrno, readDurable, replaceFile } from './durable-file.ts';
import {
  fileToJson,
  type FoundFile,
  headIn,
  inOrder,
  parseFile,
  type StoredFile,
} from './stored-files.ts';

const CHECKPOINT = 'c-';
const RESULT = 'r-';
const ANSWER = 'a-';

/**
 * Keeps checkpoints as files: one folder a conversation, one file a checkpoint, each written whole and synchronised.
 *
 * Several processes may use one folder. A checkpoint's file is named after its branch and the head it follows, so of
 * two processes that go on from the same head only one can create it. Names are hashes: no id leads out of the folder.
 *
 * Owns nothing but the path; everything lies on the disk.
 *
 * Invariants:
 * - F1: a file that was begun and not finished is never looked at.
 * - F2: a file that cannot be read is reported by its name, never passed over.
 */
export class FileCheckpointStore implements CheckpointStore {
  readonly #folder: string;
  #lastSavedAt = 0;
  #isClosed = false;

  /** @param folder - Made when the first checkpoint is saved. */
  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  async save(
    checkpoint: WorkflowCheckpoint,
    { expectedParent }: { readonly expectedParent: string | null },
  ): Promise<void> {
    await this.#doing('save a checkpoint', async () => {
      const { id, branchId, threadId, baseId } = checkpoint;
      const isKnown =
        expectedParent === null || (await this.#isOn(branchId, expectedParent, threadId));
      if (baseId !== null && !(await this.#canBuildOn(baseId)))
        throw new CheckpointNotFoundError(`"${baseId}"`);
      const isFree = (await this.#find(id)) === undefined;
      const path = this.#pathOf(threadId, branchId, expectedParent);
      const file = { checkpoint, savedAt: this.#now(), isHidden: false };
      if (isKnown && isFree && (await createFile(path, fileToJson(file)))) {
        await this.#remember(id, threadId, path);
        if (expectedParent !== null) await this.#forgetResults(threadId, expectedParent, branchId);
        return;
      }
      const actualParent = await this.#headOf(threadId, branchId);
      throw new CheckpointConflictError(branchId, { expectedParent, actualParent });
    });
  }

  async saveResult(scope: ResultScope, { key, result }: SavedResult): Promise<boolean> {
    return this.#doing('save a result', async () => {
      const folder = await this.#folderOfScope(scope);
      const path = join(folder, `${resultPrefix(scope)}${fileNameOf(key)}`);
      return createFile(path, { key, result, savedAt: this.#now() });
    });
  }

  async results(scope: ResultScope): Promise<readonly SavedResult[]> {
    return this.#doing('read results', async () => {
      const folder = await this.#folderOfScope(scope);
      const saved = await readAll(folder, resultPrefix(scope));
      return saved.map(({ key, result = null }) => ({ key: textOf(key), result }));
    });
  }

  async saveAnswer(threadId: string, { requestId, answer }: SavedAnswer): Promise<boolean> {
    return this.#doing('save an answer', async () => {
      const path = join(this.#threadFolder(threadId), `${ANSWER}${fileNameOf(requestId)}`);
      return createFile(path, { requestId, answer, savedAt: this.#now() });
    });
  }

  async answers(threadId: string): Promise<readonly SavedAnswer[]> {
    return this.#doing('read answers', async () => {
      const saved = await readAll(this.#threadFolder(threadId), ANSWER);
      return saved.map(({ requestId, answer = null }) => ({
        requestId: textOf(requestId),
        answer,
      }));
    });
  }

  async load(id: string): Promise<WorkflowCheckpoint> {
    return this.#doing('read a checkpoint', async () => (await this.#visible(id)).checkpoint);
  }

  async loadChain(id: string): Promise<readonly WorkflowCheckpoint[]> {
    return this.#doing('read a checkpoint', async () => {
      const chain = [(await this.#visible(id)).checkpoint];
      for (let base = chain[0]?.baseId ?? null; base !== null; base = chain[0]?.baseId ?? null) {
        const found = await this.#find(base);
        if (found === undefined) throw new CheckpointNotFoundError(`"${base}"`);
        chain.unshift(found.checkpoint);
      }
      return chain;
    });
  }

  async latest(
    workflowName: string,
    threadId: string,
    { branchId }: { readonly branchId?: string | undefined } = {},
  ): Promise<WorkflowCheckpoint | undefined> {
    return this.#doing('read checkpoints', async () => {
      const files = await this.#visibleIn(this.#threadFolder(threadId));
      const filter = { workflowName, threadId, branchId };
      return files.findLast((file) => matchesFilter(headIn(file), filter))?.checkpoint;
    });
  }

  async *list(filter: CheckpointFilter = {}): AsyncGenerator<CheckpointHead, void> {
    const files = await this.#doing('list checkpoints', () => this.#allVisible(filter.threadId));
    const heads = files.map(headIn).filter((head) => matchesFilter(head, filter));
    yield* heads.slice(0, filter.limit);
  }

  async delete(id: string): Promise<boolean> {
    return this.#doing('delete a checkpoint', () => this.#delete(id));
  }

  async prune(options: PruneOptions = {}): Promise<number> {
    return this.#doing('prune checkpoints', async () => {
      const heads = (await this.#allVisible(options.threadId)).map(headIn);
      const doomed = selectPruned(heads, options);
      for (const id of doomed) await this.#delete(id);
      return doomed.length;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  /** Passes on the errors that say what is wrong; any other is the system's. */
  async #doing<T>(operation: string, work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) {
      throw new ColloquyError('Expected an open checkpoint store, got one that was closed.', {
        code: 'checkpoint/closed',
      });
    }
    try {
      return await work();
    } catch (error) {
      throw ColloquyError.isInstance(error) ? error : new CheckpointStoreError(operation, error);
    }
  }

  /** Later than any time it gave before. */
  #now(): number {
    const now = performance.timeOrigin + performance.now();
    this.#lastSavedAt = Math.max(now, this.#lastSavedAt + 0.001);
    return this.#lastSavedAt;
  }

  #threadFolder(threadId: string): string {
    return join(this.#folder, 'threads', fileNameOf(threadId));
  }

  #pathOf(threadId: string, branchId: string, parent: string | null): string {
    const place = parent === null ? fileNameOf(branchId) : fileNameOf(branchId, parent);
    return join(this.#threadFolder(threadId), `${CHECKPOINT}${place}`);
  }

  #indexOf(id: string): string {
    return join(this.#folder, 'ids', fileNameOf(id));
  }

  /** Notes where a checkpoint lies; where a crash prevents it, `#find` looks for it and notes it then. */
  async #remember(id: string, threadId: string, path: string): Promise<void> {
    await createFile(this.#indexOf(id), { threadId, path: path.slice(this.#folder.length + 1) });
  }

  /** A checkpoint wherever it lies, hidden ones included. */
  async #find(id: string): Promise<FoundFile | undefined> {
    const entry = await readDurable(this.#indexOf(id));
    const path = isRecord(entry) && typeof entry['path'] === 'string' ? entry['path'] : undefined;
    const found = path === undefined ? undefined : await readCheckpoint(join(this.#folder, path));
    if (found?.checkpoint.id === id) return found;
    const missed = (await this.#all()).find(({ checkpoint }) => checkpoint.id === id);
    if (missed !== undefined && entry === undefined)
      await this.#remember(id, missed.checkpoint.threadId, missed.path);
    return missed;
  }

  async #visible(id: string): Promise<FoundFile> {
    const found = await this.#find(id);
    if (found === undefined || found.isHidden) throw new CheckpointNotFoundError(`"${id}"`);
    return found;
  }

  async #isOn(branchId: string, id: string, threadId: string): Promise<boolean> {
    const found = await this.#find(id);
    return found?.checkpoint.branchId === branchId && found.checkpoint.threadId === threadId;
  }

  /** Not on an emptied file, which only marks its place. */
  async #canBuildOn(id: string): Promise<boolean> {
    const found = await this.#find(id);
    return found !== undefined && !(found.isHidden && found.checkpoint.state === null);
  }

  async #headOf(threadId: string, branchId: string): Promise<string | null> {
    let head: string | null = null;
    for (;;) {
      const next = await readCheckpoint(this.#pathOf(threadId, branchId, head));
      if (next === undefined) return head;
      head = next.checkpoint.id;
    }
  }

  async #all(): Promise<FoundFile[]> {
    const threads = await namesIn(join(this.#folder, 'threads'));
    const files = threads.map((name) => readCheckpoints(join(this.#folder, 'threads', name)));
    return (await Promise.all(files)).flat();
  }

  async #visibleIn(folder: string): Promise<FoundFile[]> {
    return inOrder((await readCheckpoints(folder)).filter(({ isHidden }) => !isHidden));
  }

  async #allVisible(threadId: string | undefined): Promise<FoundFile[]> {
    if (threadId !== undefined) return this.#visibleIn(this.#threadFolder(threadId));
    return inOrder((await this.#all()).filter(({ isHidden }) => !isHidden));
  }

  async #folderOfScope({ checkpointId }: ResultScope): Promise<string> {
    const found = await this.#find(checkpointId);
    return this.#threadFolder(found?.checkpoint.threadId ?? checkpointId);
  }

  async #forgetResults(threadId: string, checkpointId: string, branchId?: string): Promise<void> {
    const folder = this.#threadFolder(threadId);
    const prefix =
      branchId === undefined
        ? `${RESULT}${fileNameOf(checkpointId)}-`
        : resultPrefix({ checkpointId, branchId });
    for (const name of await namesIn(folder))
      if (name.startsWith(prefix)) await rm(join(folder, name), { force: true });
  }

  async #delete(id: string): Promise<boolean> {
    const found = await this.#find(id);
    if (found === undefined || found.isHidden) return false;
    const { threadId } = found.checkpoint;
    await replaceFile(found.path, fileToJson({ ...found, isHidden: true }));
    await this.#forgetResults(threadId, id);
    const folder = this.#threadFolder(threadId);
    if ((await this.#visibleIn(folder)).length === 0) await this.#removeThread(folder);
    else await dropUnused(folder);
    return true;
  }

  async #removeThread(folder: string): Promise<void> {
    for (const { checkpoint } of await readCheckpoints(folder))
      await rm(this.#indexOf(checkpoint.id), { force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

function resultPrefix({ checkpointId, branchId }: ResultScope): string {
  return `${RESULT}${fileNameOf(checkpointId)}-${fileNameOf(branchId)}-`;
}

/** Empties hidden checkpoints that nobody builds on; their files stay, because their places are taken. */
async function dropUnused(folder: string): Promise<void> {
  const files = await readCheckpoints(folder);
  const byId = new Map(files.map((file) => [file.checkpoint.id, file]));
  const used = new Set<string>();
  for (const file of files.filter(({ isHidden }) => !isHidden)) {
    for (let base = file.checkpoint.baseId; base !== null && !used.has(base);) {
      used.add(base);
      base = byId.get(base)?.checkpoint.baseId ?? null;
    }
  }
  for (const { path, ...file } of files) {
    if (!file.isHidden || file.checkpoint.state === null || used.has(file.checkpoint.id)) continue;
    const emptied: StoredFile = { ...file, checkpoint: { ...file.checkpoint, state: null } };
    await replaceFile(path, fileToJson(emptied));
  }
}

/** F1: the files of a folder; none where there is no folder. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('tmp-'));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

/** F2 */
async function readCheckpoints(folder: string): Promise<FoundFile[]> {
  const names = (await namesIn(folder)).filter((name) => name.startsWith(CHECKPOINT));
  const files = await Promise.all(names.map((name) => readCheckpoint(join(folder, name))));
  return files.filter((file) => file !== undefined);
}

async function readCheckpoint(path: string): Promise<FoundFile | undefined> {
  const value = await readDurable(path);
  return value === undefined ? undefined : parseFile(value, path);
}

/** Results or answers, in the order of saving. */
async function readAll(
  folder: string,
  prefix: string,
): Promise<Readonly<Record<string, JsonValue | undefined>>[]> {
  const names = (await namesIn(folder)).filter((name) => name.startsWith(prefix));
  const saved = await Promise.all(
    names.map(async (name) => {
      const value = await readDurable(join(folder, name));
      if (isJsonRecord(value)) return value;
      throw new CheckpointDecodeError(`the file ${join(folder, name)} holds something else`);
    }),
  );
  return saved.toSorted((left, right) => Number(left['savedAt']) - Number(right['savedAt']));
}

/** A text as it was written; the checksum has said that nothing else is there. */
function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function isJsonRecord(
  value: JsonValue | undefined,
): value is { readonly [key: string]: JsonValue } {
  return isRecord(value);
}
