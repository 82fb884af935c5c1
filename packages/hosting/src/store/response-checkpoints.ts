import {
  type CheckpointHead,
  CheckpointNotFoundError,
  type CheckpointStore,
  type PruneOptions,
  type ResultScope,
  type SavedAnswer,
  type SavedResult,
  type WorkflowCheckpoint,
} from '@colloquy/core';

/** The thread under which a response's checkpoints lie. */
export function threadOf(tenant: string, responseId: string): string {
  return `${tenantPrefix(tenant)}${responseId}`;
}

function tenantPrefix(tenant: string): string {
  return `hosting/${encodeURIComponent(tenant)}/`;
}

/** From where and to where one turn's checkpoints go. */
export interface ResponseCheckpointsOptions {
  readonly tenant: string;
  readonly responseId: string;
  /** Where earlier responses' checkpoints are read. */
  readonly from: CheckpointStore;
  /** Where this response's are saved. */
  readonly to: CheckpointStore;
}

/**
 * A store as one turn sees it: reads the tenant's checkpoints, and saves its own under its response.
 *
 * Invariants:
 * - H1: what is saved lies in the response's own thread and builds on nothing outside it, so that no turn changes, or
 *   depends on, what an earlier one has left.
 * - H2: a checkpoint of another tenant is not found.
 */
export class ResponseCheckpoints implements CheckpointStore {
  readonly #prefix: string;
  readonly #thread: string;
  readonly #from: CheckpointStore;
  readonly #to: CheckpointStore;
  #lastSavedId: string | undefined;

  constructor({ tenant, responseId, from, to }: ResponseCheckpointsOptions) {
    this.#prefix = tenantPrefix(tenant);
    this.#thread = threadOf(tenant, responseId);
    this.#from = from;
    this.#to = to;
  }

  /** The last checkpoint that this turn has saved. */
  get lastSavedId(): string | undefined {
    return this.#lastSavedId;
  }

  /** H1: a state that builds on an earlier response's is refused, whereupon the run saves it whole. */
  async save(
    checkpoint: WorkflowCheckpoint,
    options: { readonly expectedParent: string | null },
  ): Promise<void> {
    const { baseId } = checkpoint;
    if (baseId !== null && this.#lastSavedId === undefined)
      throw new CheckpointNotFoundError(`"${baseId}" of this response`);
    await this.#to.save({ ...checkpoint, threadId: this.#thread }, options);
    this.#lastSavedId = checkpoint.id;
  }

  async saveResult(scope: ResultScope, saved: SavedResult): Promise<boolean> {
    return this.#to.saveResult(scope, saved);
  }

  async results(scope: ResultScope): Promise<readonly SavedResult[]> {
    return this.#to.results(scope);
  }

  async saveAnswer(_threadId: string, saved: SavedAnswer): Promise<boolean> {
    return this.#to.saveAnswer(this.#thread, saved);
  }

  async answers(): Promise<readonly SavedAnswer[]> {
    return this.#to.answers(this.#thread);
  }

  async load(id: string): Promise<WorkflowCheckpoint> {
    const checkpoint = await this.#from.load(id);
    this.#assertOwn(checkpoint);
    return checkpoint;
  }

  async loadChain(id: string): Promise<readonly WorkflowCheckpoint[]> {
    const chain = await this.#from.loadChain(id);
    for (const checkpoint of chain) this.#assertOwn(checkpoint);
    return chain;
  }

  /** There is none on any branch: every turn opens a branch of its own. */
  async latest(): Promise<undefined> {
    return undefined;
  }

  async *list(): AsyncGenerator<CheckpointHead, void> {
    yield* this.#to.list({ threadId: this.#thread });
  }

  async delete(id: string): Promise<boolean> {
    return this.#to.delete(id);
  }

  async prune(options: PruneOptions = {}): Promise<number> {
    return this.#to.prune({ ...options, threadId: this.#thread });
  }

  async close(): Promise<void> {
    // The stores are the host's.
  }

  /** H2 */
  #assertOwn({ id, threadId }: CheckpointHead): void {
    if (!threadId.startsWith(this.#prefix)) throw new CheckpointNotFoundError(`"${id}"`);
  }
}
