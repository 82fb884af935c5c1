import { type CheckpointStore } from '../checkpoint/checkpoint-store.ts';
import type { ChainWriter } from '../checkpoint/state-chain.ts';
import { createId, type IdSource } from '../primitives/ids.ts';

/** Where a thread stands in one store. */
export type StoreLineage = SavedLine | typeof UNSAVED;

/** A thread that has a checkpoint in the store. */
export interface SavedLine {
  /** The checkpoint that the next one follows. */
  readonly parentId: string;
  /** The branch's head as this process knows it; `null` where the branch has none yet. */
  readonly expectedParent: string | null;
  readonly writer: ChainWriter;
}

const UNSAVED = { parentId: null, expectedParent: null, writer: undefined } as const;

/** What is known of a line; what is missing is made up. */
export interface ThreadLineageOptions {
  readonly threadId?: string | undefined;
  readonly branchId?: string | undefined;
  readonly stores?: readonly (readonly [CheckpointStore, SavedLine])[] | undefined;
  readonly ids?: IdSource | undefined;
}

/**
 * One conversation's line of checkpoints.
 *
 * Owns the thread's and branch's names and, per store, where the line stands.
 *
 * Invariants:
 * - T1: a store's line moves on only when a checkpoint has been saved there.
 */
export class ThreadLineage {
  readonly threadId: string;
  readonly branchId: string;
  readonly #stores: Map<CheckpointStore, SavedLine>;

  constructor({ threadId, branchId, stores = [], ids = createId }: ThreadLineageOptions = {}) {
    this.threadId = threadId ?? ids('thread');
    this.branchId = branchId ?? ids('branch');
    this.#stores = new Map(stores);
  }

  /** Names the branch for good, over processes. */
  get scope(): string {
    return `${this.threadId}/${this.branchId}`;
  }

  /** Where the thread stands in a store. */
  in(store: CheckpointStore): StoreLineage {
    return this.#stores.get(store) ?? UNSAVED;
  }

  /** T1: moves on to a checkpoint that the store has saved. */
  advance(store: CheckpointStore, checkpointId: string, writer: ChainWriter): void {
    this.#stores.set(store, { parentId: checkpointId, expectedParent: checkpointId, writer });
  }
}
