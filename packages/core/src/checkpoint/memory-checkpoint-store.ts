import { CheckpointConflictError, CheckpointNotFoundError } from '../errors/checkpoint-errors.ts';
import { ColloquyError } from '../errors/colloquy-error.ts';
import { type JsonValue } from '../primitives/json.ts';
import { matchesFilter } from './matches-filter.ts';
import {
  type CheckpointFilter,
  type CheckpointStore,
  type PruneOptions,
  type ResultScope,
  type SavedAnswer,
  type SavedResult,
} from './checkpoint-store.ts';
import { selectPruned } from './select-pruned.ts';
import {
  type CheckpointHead,
  checkpointHead,
  type WorkflowCheckpoint,
} from './workflow-checkpoint.ts';

/** A checkpoint as the store keeps it: its state as text, so that nothing is shared with who saved it. */
interface StoredCheckpoint {
  readonly head: CheckpointHead;
  readonly baseId: string | null;
  readonly stateText: string;
  /** Kept only for others, whose state builds on it. */
  isHidden: boolean;
  /** How many build on it. */
  dependents: number;
}

/** What is kept of one conversation, so that what is done in it costs nothing for the others. */
interface StoredThread {
  /** Those that are not hidden, in the order of saving. */
  checkpoints: StoredCheckpoint[];
  /** The head of each branch. */
  readonly heads: Map<string, string>;
  readonly answers: Map<string, string>;
}

/**
 * Keeps checkpoints in memory, their states as JSON text: for tests, and for conversations that need not outlive the process.
 *
 * Owns everything that was saved.
 *
 * Invariants:
 * - M1: what is kept are texts and copies, so no caller ever shares an object with the store.
 * - M2: every operation is done in one turn, so two of them never mix.
 */
export class MemoryCheckpointStore implements CheckpointStore {
  readonly #checkpoints = new Map<string, StoredCheckpoint>();
  readonly #threads = new Map<string, StoredThread>();
  readonly #results = new Map<string, Map<string, string>>();
  #isClosed = false;

  async save(
    checkpoint: WorkflowCheckpoint,
    { expectedParent }: { readonly expectedParent: string | null },
  ): Promise<void> {
    this.#assertOpen();
    const { id, threadId, branchId, baseId, state } = checkpoint;
    const actualParent = this.#threads.get(threadId)?.heads.get(branchId) ?? null;
    if (actualParent !== expectedParent || this.#checkpoints.has(id))
      throw new CheckpointConflictError(branchId, { expectedParent, actualParent });
    const base = baseId === null ? undefined : this.#checkpoints.get(baseId);
    if (baseId !== null && base === undefined) throw new CheckpointNotFoundError(`"${baseId}"`);
    const stored: StoredCheckpoint = {
      head: checkpointHead(checkpoint),
      baseId,
      stateText: JSON.stringify(state),
      isHidden: false,
      dependents: 0,
    };
    if (base !== undefined) base.dependents += 1;
    this.#checkpoints.set(id, stored);
    const thread = this.#threadOf(threadId);
    thread.checkpoints.push(stored);
    thread.heads.set(branchId, id);
    if (expectedParent !== null && this.#results.size > 0)
      this.#results.delete(scopeKey(expectedParent, branchId));
  }

  async saveResult(
    { checkpointId, branchId }: ResultScope,
    { key, result }: SavedResult,
  ): Promise<boolean> {
    this.#assertOpen();
    const scope = scopeKey(checkpointId, branchId);
    const saved = this.#results.get(scope) ?? new Map<string, string>();
    this.#results.set(scope, saved);
    return insert(saved, key, result);
  }

  async results({ checkpointId, branchId }: ResultScope): Promise<readonly SavedResult[]> {
    this.#assertOpen();
    const saved = this.#results.get(scopeKey(checkpointId, branchId)) ?? [];
    return Array.from(saved, ([key, text]) => ({ key, result: parse(text) }));
  }

  async saveAnswer(threadId: string, { requestId, answer }: SavedAnswer): Promise<boolean> {
    this.#assertOpen();
    return insert(this.#threadOf(threadId).answers, requestId, answer);
  }

  async answers(threadId: string): Promise<readonly SavedAnswer[]> {
    this.#assertOpen();
    const saved = this.#threads.get(threadId)?.answers ?? [];
    return Array.from(saved, ([requestId, text]) => ({ requestId, answer: parse(text) }));
  }

  async load(id: string): Promise<WorkflowCheckpoint> {
    this.#assertOpen();
    return read(this.#visible(id));
  }

  async loadChain(id: string): Promise<readonly WorkflowCheckpoint[]> {
    this.#assertOpen();
    const chain = [this.#visible(id)];
    for (let base = chain[0]?.baseId ?? null; base !== null;) {
      const stored = this.#checkpoints.get(base);
      if (stored === undefined) throw new CheckpointNotFoundError(`"${base}"`);
      chain.push(stored);
      base = stored.baseId;
    }
    return chain.toReversed().map(read);
  }

  async latest(
    workflowName: string,
    threadId: string,
    { branchId }: { readonly branchId?: string | undefined } = {},
  ): Promise<WorkflowCheckpoint | undefined> {
    this.#assertOpen();
    const last = this.#matching({ workflowName, threadId, branchId }).at(-1);
    return last === undefined ? undefined : read(last);
  }

  async *list(filter: CheckpointFilter = {}): AsyncGenerator<CheckpointHead, void> {
    this.#assertOpen();
    for (const { head } of this.#matching(filter).slice(0, filter.limit)) yield { ...head };
  }

  async delete(id: string): Promise<boolean> {
    this.#assertOpen();
    return this.#delete(id);
  }

  async prune(options: PruneOptions = {}): Promise<number> {
    this.#assertOpen();
    const { threadId } = options;
    const doomed = selectPruned(
      this.#matching({ threadId }).map(({ head }) => head),
      options,
    );
    for (const id of doomed) this.#delete(id);
    return doomed.length;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #assertOpen(): void {
    if (!this.#isClosed) return;
    throw new ColloquyError('Expected an open checkpoint store, got one that was closed.', {
      code: 'checkpoint/closed',
    });
  }

  #visible(id: string): StoredCheckpoint {
    const stored = this.#checkpoints.get(id);
    if (stored === undefined || stored.isHidden) throw new CheckpointNotFoundError(`"${id}"`);
    return stored;
  }

  /** In the order of saving. */
  #matching(filter: CheckpointFilter): StoredCheckpoint[] {
    const { threadId } = filter;
    const all =
      threadId === undefined
        ? [...this.#checkpoints.values()].filter(({ isHidden }) => !isHidden)
        : (this.#threads.get(threadId)?.checkpoints ?? []);
    return all.filter(({ head }) => matchesFilter(head, filter));
  }

  #threadOf(threadId: string): StoredThread {
    const known = this.#threads.get(threadId);
    if (known !== undefined) return known;
    const thread = { checkpoints: [], heads: new Map(), answers: new Map() };
    this.#threads.set(threadId, thread);
    return thread;
  }

  #delete(id: string): boolean {
    const stored = this.#checkpoints.get(id);
    if (stored === undefined || stored.isHidden) return false;
    stored.isHidden = true;
    for (const key of this.#results.keys())
      if (key.startsWith(scopeKey(id, ''))) this.#results.delete(key);
    this.#dropUnused(id);
    const { threadId } = stored.head;
    const thread = this.#threadOf(threadId);
    thread.checkpoints = thread.checkpoints.filter((other) => other !== stored);
    if (thread.checkpoints.length === 0) this.#threads.delete(threadId);
    return true;
  }

  /** Removes a hidden checkpoint that nobody builds on, and then what only it built on. */
  #dropUnused(id: string): void {
    for (let last: string | null = id; last !== null;) {
      const stored = this.#checkpoints.get(last);
      if (stored === undefined || !stored.isHidden || stored.dependents > 0) return;
      const { baseId } = stored;
      this.#checkpoints.delete(last);
      const base = baseId === null ? undefined : this.#checkpoints.get(baseId);
      if (base !== undefined) base.dependents -= 1;
      last = baseId;
    }
  }
}

/** Two ids as one key; the length keeps them apart whatever they contain. */
function scopeKey(first: string, second: string): string {
  return `${first.length} ${first}${second}`;
}

function insert(saved: Map<string, string>, key: string, value: JsonValue): boolean {
  if (saved.has(key)) return false;
  saved.set(key, JSON.stringify(value));
  return true;
}

function read({ head, baseId, stateText }: StoredCheckpoint): WorkflowCheckpoint {
  return { ...head, baseId, state: parse(stateText) };
}

function parse(text: string): JsonValue {
  const value: JsonValue = JSON.parse(text);
  return value;
}
