import {
  CheckpointConflictError,
  CheckpointDecodeError,
  type CheckpointFilter,
  checkpointHead,
  type CheckpointHead,
  CheckpointNotFoundError,
  type CheckpointStore,
  CheckpointStoreError,
  ColloquyError,
  matchesFilter,
  type PruneOptions,
  type ResultScope,
  type SavedAnswer,
  type SavedResult,
  selectPruned,
  type WorkflowCheckpoint,
} from '@colloquy/core';

import { openRedis, type OwnedRedisClient, type RedisClient } from './redis-client.ts';
import { DELETE, INSERT, READ_CHAIN, READ_HEADS, READ_LIST, SAVE } from './scripts.ts';

/** Where in Redis a store lies. */
export interface RedisStoreOptions {
  /** Begins every key; default `colloquy`. Stores with different prefixes know nothing of each other. */
  readonly prefix?: string | undefined;
}

/** How many heads are read at a time. */
const PAGE = 500;

/**
 * Keeps checkpoints in Redis, by way of `ioredis`.
 *
 * Any number of processes may use one Redis. What was saved outlasts a crash of Redis as its configuration says: with
 * `appendonly yes` and `appendfsync always` at once, with `everysec` within a second.
 *
 * Owns a connection that it opened, at the first operation.
 *
 * Invariants:
 * - R1: every change is one Lua script, so it is done whole and by one process at a time.
 * - R2: every key carries one hash tag, so in a cluster all of a store lies in one slot.
 */
export class RedisCheckpointStore implements CheckpointStore {
  readonly #connection: string | RedisClient;
  readonly #prefix: string;
  #owned: Promise<OwnedRedisClient> | undefined;
  #isClosed = false;

  /** @param connection - A URL, for which a connection is opened, and closed by `close`; or a client of the caller's. */
  constructor(connection: string | RedisClient, { prefix = 'colloquy' }: RedisStoreOptions = {}) {
    this.#connection = connection;
    // R2
    this.#prefix = `{${prefix}}`;
  }

  async save(
    checkpoint: WorkflowCheckpoint,
    { expectedParent }: { readonly expectedParent: string | null },
  ): Promise<void> {
    const { id, threadId, branchId, baseId } = checkpoint;
    const [outcome, detail = ''] = await this.#texts('save a checkpoint', SAVE, [
      id,
      threadId,
      branchId,
      baseId ?? '',
      expectedParent ?? '',
      scopeKey({ checkpointId: expectedParent ?? '', branchId }),
      JSON.stringify(checkpointHead(checkpoint)),
      JSON.stringify(checkpoint),
    ]);
    if (outcome === 'saved') return;
    if (outcome === 'gone') throw new CheckpointNotFoundError(`"${detail}"`);
    const actualParent = detail === '' ? null : detail;
    throw new CheckpointConflictError(branchId, { expectedParent, actualParent });
  }

  async saveResult(scope: ResultScope, saved: SavedResult): Promise<boolean> {
    const list = `r:${scopeKey(scope)}`;
    const entry = [list, saved.key, JSON.stringify(saved), scope.checkpointId, scopeKey(scope)];
    return (await this.#eval('save a result', INSERT, entry)) === 1;
  }

  async results(scope: ResultScope): Promise<readonly SavedResult[]> {
    const saved = await this.#texts('read results', READ_LIST, [`r:${scopeKey(scope)}`]);
    return saved.map((text) => parse<SavedResult>(text));
  }

  async saveAnswer(threadId: string, saved: SavedAnswer): Promise<boolean> {
    const entry = [`a:${threadId}`, saved.requestId, JSON.stringify(saved), '', ''];
    return (await this.#eval('save an answer', INSERT, entry)) === 1;
  }

  async answers(threadId: string): Promise<readonly SavedAnswer[]> {
    const saved = await this.#texts('read answers', READ_LIST, [`a:${threadId}`]);
    return saved.map((text) => parse<SavedAnswer>(text));
  }

  async load(id: string): Promise<WorkflowCheckpoint> {
    const [checkpoint] = await this.#read(id, { withBases: false });
    if (checkpoint === undefined) throw new CheckpointNotFoundError(`"${id}"`);
    return checkpoint;
  }

  async loadChain(id: string): Promise<readonly WorkflowCheckpoint[]> {
    return (await this.#read(id, { withBases: true })).toReversed();
  }

  async latest(
    workflowName: string,
    threadId: string,
    { branchId }: { readonly branchId?: string | undefined } = {},
  ): Promise<WorkflowCheckpoint | undefined> {
    let last: string | undefined;
    for await (const { id } of this.list({ workflowName, threadId, branchId })) last = id;
    return last === undefined ? undefined : this.load(last);
  }

  async *list(filter: CheckpointFilter = {}): AsyncGenerator<CheckpointHead, void> {
    const set = filter.threadId === undefined ? 'all' : `t:${filter.threadId}`;
    let left = filter.limit ?? Number.POSITIVE_INFINITY;
    for (let after = '-inf'; ;) {
      const found = await this.#texts('list checkpoints', READ_HEADS, [set, after, PAGE]);
      for (let index = 0; index < found.length; index += 2) {
        if (left <= 0) return;
        const head = parse<CheckpointHead>(found[index] ?? '');
        if (!matchesFilter(head, filter)) continue;
        left -= 1;
        yield head;
      }
      if (found.length < 2 * PAGE) return;
      after = found.at(-1) ?? after;
    }
  }

  async delete(id: string): Promise<boolean> {
    return (await this.#eval('delete a checkpoint', DELETE, [id])) === 1;
  }

  async prune(options: PruneOptions = {}): Promise<number> {
    const { workflowName, threadId } = options;
    const heads: CheckpointHead[] = [];
    for await (const head of this.list({ workflowName, threadId })) heads.push(head);
    const doomed = selectPruned(heads, options);
    for (const id of doomed) await this.delete(id);
    return doomed.length;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await (await this.#owned)?.quit();
  }

  /** The asked one first, the whole one last. */
  async #read(
    id: string,
    { withBases }: { readonly withBases: boolean },
  ): Promise<readonly WorkflowCheckpoint[]> {
    const place = [id, withBases ? '0' : '1'];
    const [outcome, ...texts] = await this.#texts('read a checkpoint', READ_CHAIN, place);
    if (outcome === 'gone') throw new CheckpointNotFoundError(`"${texts[0] ?? id}"`);
    return texts.map((text) => parse<WorkflowCheckpoint>(text));
  }

  async #texts(
    operation: string,
    script: string,
    values: readonly (string | number)[],
  ): Promise<readonly string[]> {
    const found = await this.#eval(operation, script, values);
    return Array.isArray(found) ? found.map(String) : [];
  }

  /** R1. Passes on the errors that say what is wrong; any other is the driver's. */
  async #eval(
    operation: string,
    script: string,
    values: readonly (string | number)[],
  ): Promise<unknown> {
    if (this.#isClosed) {
      throw new ColloquyError('Expected an open checkpoint store, got one that was closed.', {
        code: 'checkpoint/closed',
      });
    }
    try {
      const client = await this.#client();
      return await client.eval(script, 1, this.#prefix, ...values);
    } catch (error) {
      throw ColloquyError.isInstance(error) ? error : new CheckpointStoreError(operation, error);
    }
  }

  async #client(): Promise<RedisClient> {
    if (typeof this.#connection !== 'string') return this.#connection;
    this.#owned ??= openRedis(this.#connection);
    return this.#owned;
  }
}

/** Two ids as one; JSON keeps them apart whatever they contain. */
function scopeKey({ checkpointId, branchId }: ResultScope): string {
  return JSON.stringify([checkpointId, branchId]);
}

/** JSON that this store wrote; whoever asks knows what it was made from. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- names what the caller wrote there
function parse<T>(text: string): T {
  try {
    const value: T = JSON.parse(text);
    return value;
  } catch (error) {
    throw new CheckpointDecodeError('the store holds text that is no JSON', { cause: error });
  }
}
