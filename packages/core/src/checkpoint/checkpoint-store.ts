import { type RunState } from '../events/run-state.ts';
import { type JsonValue } from '../primitives/json.ts';
import { type CheckpointHead, type WorkflowCheckpoint } from './workflow-checkpoint.ts';

/** Which checkpoints are meant; what is left out does not narrow. */
export interface CheckpointFilter {
  readonly workflowName?: string | undefined;
  readonly threadId?: string | undefined;
  readonly branchId?: string | undefined;
  readonly runState?: RunState | undefined;
  /** Created at this time or later, in milliseconds since the epoch. */
  readonly after?: number | undefined;
  /** Created before this time, in milliseconds since the epoch. */
  readonly before?: number | undefined;
  /** At most so many. */
  readonly limit?: number | undefined;
}

/** What `prune` removes; a checkpoint goes when it is in the filter and `olderThan` and `keepLast` let it. */
export interface PruneOptions {
  readonly workflowName?: string | undefined;
  readonly threadId?: string | undefined;
  /** Only those created before this time, in milliseconds since the epoch. */
  readonly olderThan?: number | undefined;
  /** How many of each thread are kept, the last saved; default 0. */
  readonly keepLast?: number | undefined;
}

/** Which unfinished superstep a result belongs to. */
export interface ResultScope {
  /** The checkpoint before the superstep. */
  readonly checkpointId: string;
  /** The branch that runs it: another branch never uses its results. */
  readonly branchId: string;
}

/** What a part of an unfinished superstep came to. */
export interface SavedResult {
  /** Which part, such as an executor's id. */
  readonly key: string;
  readonly result: JsonValue;
}

/** An answer that lies ready for a request. */
export interface SavedAnswer {
  readonly requestId: string;
  readonly answer: JsonValue;
}

/**
 * Where checkpoints lie. `checkpointStoreSuite` of `@colloquy/testing` checks every promise made here.
 *
 * What is saved and loaded are copies: changing one changes nothing in the store. Every operation is atomic: done
 * whole, or not at all and rejected. An operation after `close` rejects. Ids are any non-empty strings of whole characters but U+0000.
 */
export interface CheckpointStore {
  /**
   * Saves a checkpoint as the new head of its branch, and forgets the results saved for the superstep it ends: those
   * of `expectedParent` on this branch.
   *
   * Rejects with `CheckpointConflictError`, changing nothing, when the branch's head is not `expectedParent` (`null`:
   * the branch has none), or when the id is taken; with `CheckpointNotFoundError`, changing nothing, when what its
   * state builds on is gone.
   */
  save(
    checkpoint: WorkflowCheckpoint,
    options: { readonly expectedParent: string | null },
  ): Promise<void>;

  /** Saves a result, unless there is one with that key; says whether it was saved. */
  saveResult(scope: ResultScope, saved: SavedResult): Promise<boolean>;

  /** The results saved for an unfinished superstep, in the order of saving. */
  results(scope: ResultScope): Promise<readonly SavedResult[]>;

  /** Saves an answer to a request of a thread, asked or still to be asked, unless there is one; says whether it was saved. */
  saveAnswer(threadId: string, saved: SavedAnswer): Promise<boolean>;

  /** The answers saved for a thread, in the order of saving. */
  answers(threadId: string): Promise<readonly SavedAnswer[]>;

  /** Rejects with `CheckpointNotFoundError` for an id that was never saved, or deleted. */
  load(id: string): Promise<WorkflowCheckpoint>;

  /**
   * A checkpoint with those that its state builds on, by `baseId`: the whole one first, the one asked for last.
   *
   * Deleted ones are among them where others build on them. Rejects with `CheckpointNotFoundError` as `load` does.
   */
  loadChain(id: string): Promise<readonly WorkflowCheckpoint[]>;

  /** The checkpoint of a thread, or of one of its branches, that was saved last. */
  latest(
    workflowName: string,
    threadId: string,
    options?: { readonly branchId?: string | undefined },
  ): Promise<WorkflowCheckpoint | undefined>;

  /** The heads that the filter lets through, in the order of saving. */
  list(filter?: CheckpointFilter): AsyncIterable<CheckpointHead>;

  /**
   * Removes a checkpoint and the results saved after it; says whether there was one.
   *
   * What other checkpoints build on is kept for them, unseen, and goes with the last of them. A branch whose head is
   * deleted keeps it as the parent that `save` expects. With a thread's last checkpoint go its answers.
   */
  delete(id: string): Promise<boolean>;

  /** Deletes checkpoints as `delete` does, and says how many. */
  prune(options?: PruneOptions): Promise<number>;

  /** Lets go of files and connections that the store opened itself. */
  close(): Promise<void>;
}
