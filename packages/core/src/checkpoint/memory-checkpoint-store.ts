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

/** A checkpoint as the store keeps it: as text, so that nothing is shared with who saved it. */
interface StoredCheckpoint {
  readonly head: CheckpointHead;
  readonly baseId: string | null;
  readonly text: string;
  /** Kept only for others, whose state builds on it. */
  isHidden: boolean;
}

/**
 * Keeps checkpoints in memory, as JSON text: for tests, and for conversations that need not outlive the process.
 *
 * Owns everything that was saved.
 *
 * Invariants:
 * - M1: what is kept are texts, so no caller ever shares an object with the store.
 * - M2: every operation is done in one turn, so two of them never mix.
 */
export class MemoryCheckpointStore implements CheckpointStore {
  readonly #checkpoints = new Map<string, StoredCheckpoint>();
  /** The same checkpoints by thread, so that what is done in one conversation costs nothing for the others. */
  readonly #threads = new Map<string, Map<string, StoredCheckpoint>>();
  /** How many build on a checkpoint. */
  readonly #dependents = new Map<string, number>();
  /** The head of each branch of a thread. */
  readonly #heads = new Map<string, string>();
  readonly #results = new Map<string, Map<string, string>>();
  readonly #answers = new Map<string, Map<string, string>>();
  #isClosed = false;

  async save(
    checkpoint: WorkflowCheckpoint,
    { expectedParent }: { readonly expectedParent: string | null },
  ): Promise<void> {
    this.#assertOpen();
    const { id, threadId, branchId, baseId } = checkpoint;
    const branch = scopeKey(threadId, branchId);
    const actualParent = this.#heads.get(branch) ?? null;
    if (actualParent !== expectedParent || this.#checkpoints.has(id))
      throw new CheckpointConflictError(branchId, { expectedParent, actualParent });
    if (baseId !== null && !this.#checkpoints.has(baseId))
      throw new CheckpointNotFoundError(`"${baseId}"`);
    const text = JSON.stringify(checkpoint);
    this.#add({ head: checkpointHead(checkpoint), baseId, text, isHidden: false });
    this.#heads.set(branch, id);
    if (expectedParent !== null && this.#results.size > 0)
      this.#results.delete(scopeKey(expectedParent, branchId));
  }

  async saveResult(
    { checkpointId, branchId }: ResultScope,
    { key, result }: SavedResult,
  ): Promise<boolean> {
    this.#assertOpen();
    return insert(this.#results, scopeKey(checkpointId, branchId), key, result);
  }

  async results({ checkpointId, branchId }: ResultScope): Promise<readonly SavedResult[]> {
    this.#assertOpen();
    const saved = this.#results.get(scopeKey(checkpointId, branchId)) ?? [];
    return Array.from(saved, ([key, text]) => ({ key, result: parse(text) }));
  }

  async saveAnswer(threadId: string, { requestId, answer }: SavedAnswer): Promise<boolean> {
    this.#assertOpen();
    return insert(this.#answers, threadId, requestId, answer);
  }

  async answers(threadId: string): Promise<readonly SavedAnswer[]> {
    this.#assertOpen();
    const saved = this.#answers.get(threadId) ?? [];
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
      chain.unshift(stored);
      base = stored.baseId;
    }
    return chain.map(read);
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
    const all = threadId === undefined ? this.#checkpoints : this.#threads.get(threadId);
    return [...(all?.values() ?? [])].filter(
      ({ head, isHidden }) => !isHidden && matchesFilter(head, filter),
    );
  }

  #add(stored: StoredCheckpoint): void {
    const { baseId, head } = stored;
    this.#checkpoints.set(head.id, stored);
    const thread = this.#threads.get(head.threadId) ?? new Map<string, StoredCheckpoint>();
    thread.set(head.id, stored);
    this.#threads.set(head.threadId, thread);
    if (baseId !== null) this.#dependents.set(baseId, (this.#dependents.get(baseId) ?? 0) + 1);
  }

  #delete(id: string): boolean {
    const stored = this.#checkpoints.get(id);
    if (stored === undefined || stored.isHidden) return false;
    stored.isHidden = true;
    for (const key of this.#results.keys())
      if (key.startsWith(scopeKey(id, ''))) this.#results.delete(key);
    this.#dropUnused(id);
    const { threadId } = stored.head;
    if (this.#matching({ threadId }).length > 0) return true;
    this.#answers.delete(threadId);
    for (const key of this.#heads.keys())
      if (key.startsWith(scopeKey(threadId, ''))) this.#heads.delete(key);
    return true;
  }

  /** Removes a hidden checkpoint that nobody builds on, and then what only it built on. */
  #dropUnused(id: string): void {
    const stored = this.#checkpoints.get(id);
    if (stored?.isHidden !== true) return;
    if (this.#dependents.has(id)) return;
    const { baseId, head } = stored;
    this.#checkpoints.delete(id);
    const thread = this.#threads.get(head.threadId);
    thread?.delete(id);
    if (thread?.size === 0) this.#threads.delete(head.threadId);
    if (baseId === null) return;
    const left = (this.#dependents.get(baseId) ?? 1) - 1;
    if (left > 0) this.#dependents.set(baseId, left);
    else this.#dependents.delete(baseId);
    this.#dropUnused(baseId);
  }
}

/** Two ids as one key; the length keeps them apart whatever they contain. */
function scopeKey(first: string, second: string): string {
  return `${first.length} ${first}${second}`;
}

function insert(
  table: Map<string, Map<string, string>>,
  scope: string,
  key: string,
  value: JsonValue,
): boolean {
  const saved = table.get(scope) ?? new Map<string, string>();
  if (saved.has(key)) return false;
  saved.set(key, JSON.stringify(value));
  table.set(scope, saved);
  return true;
}

function read({ text }: StoredCheckpoint): WorkflowCheckpoint {
  // The text was made from a checkpoint, by this store.
  const checkpoint: WorkflowCheckpoint = JSON.parse(text);
  return checkpoint;
}

function parse(text: string): JsonValue {
  const value: JsonValue = JSON.parse(text);
  return value;
}
