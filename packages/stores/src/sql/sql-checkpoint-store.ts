import {
  type CheckpointFilter,
  type CheckpointHead,
  CheckpointNotFoundError,
  type CheckpointStore,
  CheckpointStoreError,
  ColloquyError,
  type PruneOptions,
  type ResultScope,
  type SavedAnswer,
  type SavedResult,
  selectPruned,
  type WorkflowCheckpoint,
} from '@colloquy/core';

import { checkpointIn, jsonIn, textIn } from './rows.ts';
import { sql, type SqlDriver, type SqlProgram, type SqlRow } from './sql-program.ts';
import {
  deleteCheckpoint,
  insertAnswer,
  insertResult,
  saveCheckpoint,
  selectChain,
  selectHeads,
} from './checkpoint-programs.ts';

/** How many heads are read at a time. */
const PAGE = 500;

/**
 * Keeps checkpoints in the tables of an SQL database, whichever driver speaks to it.
 *
 * Owns the driver.
 *
 * Invariants:
 * - Q1: every operation is one transaction.
 */
export class SqlCheckpointStore implements CheckpointStore {
  readonly #driver: SqlDriver;
  #isClosed = false;

  constructor(driver: SqlDriver) {
    this.#driver = driver;
  }

  async save(
    checkpoint: WorkflowCheckpoint,
    { expectedParent }: { readonly expectedParent: string | null },
  ): Promise<void> {
    await this.#run('save a checkpoint', () => saveCheckpoint(checkpoint, expectedParent));
  }

  async saveResult(scope: ResultScope, { key, result }: SavedResult): Promise<boolean> {
    return this.#run('save a result', () => insertResult(scope, key, result));
  }

  async results({ checkpointId, branchId }: ResultScope): Promise<readonly SavedResult[]> {
    return this.#run('read results', function* () {
      const rows = yield sql(
        `SELECT part, result FROM colloquy_results
         WHERE checkpoint_id = $1 AND branch_id = $2 ORDER BY seq`,
        checkpointId,
        branchId,
      );
      return rows.map((row) => ({ key: textIn(row, 'part'), result: jsonIn(row, 'result') }));
    });
  }

  async saveAnswer(threadId: string, { requestId, answer }: SavedAnswer): Promise<boolean> {
    return this.#run('save an answer', () => insertAnswer(threadId, requestId, answer));
  }

  async answers(threadId: string): Promise<readonly SavedAnswer[]> {
    return this.#run('read answers', function* () {
      const rows = yield sql(
        'SELECT request_id, answer FROM colloquy_answers WHERE thread_id = $1 ORDER BY seq',
        threadId,
      );
      return rows.map((row) => ({
        requestId: textIn(row, 'request_id'),
        answer: jsonIn(row, 'answer'),
      }));
    });
  }

  async load(id: string): Promise<WorkflowCheckpoint> {
    return this.#run('read a checkpoint', function* () {
      const [row] = yield sql(
        'SELECT body FROM colloquy_checkpoints WHERE id = $1 AND is_hidden = 0',
        id,
      );
      if (row === undefined) throw new CheckpointNotFoundError(`"${id}"`);
      return checkpointIn(row);
    });
  }

  async loadChain(id: string): Promise<readonly WorkflowCheckpoint[]> {
    const rows = await this.#run('read a checkpoint', () => selectChain(id));
    return rows.map(checkpointIn);
  }

  async latest(
    workflowName: string,
    threadId: string,
    { branchId }: { readonly branchId?: string | undefined } = {},
  ): Promise<WorkflowCheckpoint | undefined> {
    const [row] = await this.#run('read checkpoints', function* (): SqlProgram<readonly SqlRow[]> {
      const isOnBranch = branchId === undefined ? '' : ' AND branch_id = $3';
      return yield sql(
        `SELECT body FROM colloquy_checkpoints
         WHERE is_hidden = 0 AND workflow_name = $1 AND thread_id = $2${isOnBranch}
         ORDER BY seq DESC LIMIT 1`,
        workflowName,
        threadId,
        ...(branchId === undefined ? [] : [branchId]),
      );
    });
    return row === undefined ? undefined : checkpointIn(row);
  }

  async *list(filter: CheckpointFilter = {}): AsyncGenerator<CheckpointHead, void> {
    let left = filter.limit ?? Number.POSITIVE_INFINITY;
    for (let after = 0; left > 0;) {
      const place = { after, limit: Math.min(PAGE, left) };
      const rows = await this.#run('list checkpoints', () => selectHeads(filter, place));
      // The head was made from a checkpoint, by this store.
      for (const row of rows) yield jsonIn(row, 'head') as unknown as CheckpointHead;
      if (rows.length < place.limit) return;
      after = Number(rows.at(-1)?.['seq']);
      left -= rows.length;
    }
  }

  async delete(id: string): Promise<boolean> {
    return this.#run('delete a checkpoint', () => deleteCheckpoint(id));
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
    await this.#driver.close();
  }

  /** Q1. Passes on the errors that say what is wrong; any other is the driver's. */
  async #run<TResult>(operation: string, program: () => SqlProgram<TResult>): Promise<TResult> {
    if (this.#isClosed) {
      throw new ColloquyError('Expected an open checkpoint store, got one that was closed.', {
        code: 'checkpoint/closed',
      });
    }
    try {
      return await this.#driver.run(program);
    } catch (error) {
      throw ColloquyError.isInstance(error) ? error : new CheckpointStoreError(operation, error);
    }
  }
}
