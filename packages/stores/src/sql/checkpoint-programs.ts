import {
  CheckpointConflictError,
  type CheckpointFilter,
  checkpointHead,
  CheckpointNotFoundError,
  type JsonValue,
  type ResultScope,
  type WorkflowCheckpoint,
} from '@colloquy/core';

import { textIn } from './rows.ts';
import {
  sql,
  type SqlProgram,
  type SqlRow,
  type SqlStatement,
  type SqlValue,
} from './sql-program.ts';

/**
 * Saves a checkpoint where its branch stands at `expectedParent`.
 *
 * The head is moved by one conditional statement, so of two that save at once one finds it moved.
 */
export function* saveCheckpoint(
  checkpoint: WorkflowCheckpoint,
  expectedParent: string | null,
): SqlProgram<void> {
  const { threadId, branchId, baseId } = checkpoint;
  yield { lock: threadId };
  const isHead = yield* moveHead(checkpoint, expectedParent);
  if (!isHead) {
    const actualParent = yield* headOfBranch(threadId, branchId);
    throw new CheckpointConflictError(branchId, { expectedParent, actualParent });
  }
  if (baseId !== null) {
    const base = yield sql('SELECT 1 AS found FROM colloquy_checkpoints WHERE id = $1', baseId);
    if (base.length === 0) throw new CheckpointNotFoundError(`"${baseId}"`);
  }
  const inserted = yield insertion(checkpoint);
  if (inserted.length === 0)
    throw new CheckpointConflictError(branchId, { expectedParent, actualParent: expectedParent });
  if (expectedParent === null) return;
  yield sql(
    'DELETE FROM colloquy_results WHERE checkpoint_id = $1 AND branch_id = $2',
    expectedParent,
    branchId,
  );
}

function* moveHead(
  { id, threadId, branchId }: WorkflowCheckpoint,
  expectedParent: string | null,
): SqlProgram<boolean> {
  const moved =
    expectedParent === null
      ? yield sql(
          `INSERT INTO colloquy_branches (thread_id, branch_id, head_id) VALUES ($1, $2, $3)
           ON CONFLICT DO NOTHING RETURNING head_id`,
          threadId,
          branchId,
          id,
        )
      : yield sql(
          `UPDATE colloquy_branches SET head_id = $3
           WHERE thread_id = $1 AND branch_id = $2 AND head_id = $4 RETURNING head_id`,
          threadId,
          branchId,
          id,
          expectedParent,
        );
  return moved.length > 0;
}

function* headOfBranch(threadId: string, branchId: string): SqlProgram<string | null> {
  const [row] = yield sql(
    'SELECT head_id FROM colloquy_branches WHERE thread_id = $1 AND branch_id = $2',
    threadId,
    branchId,
  );
  return row === undefined ? null : textIn(row, 'head_id');
}

function insertion(checkpoint: WorkflowCheckpoint): SqlStatement {
  const { id, threadId, branchId, workflowName, runState, createdAt, baseId } = checkpoint;
  return sql(
    `INSERT INTO colloquy_checkpoints
     (id, thread_id, branch_id, workflow_name, run_state, created_at, base_id, head, body, is_hidden)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0) ON CONFLICT DO NOTHING RETURNING id`,
    id,
    threadId,
    branchId,
    workflowName,
    runState,
    createdAt,
    baseId,
    JSON.stringify(checkpointHead(checkpoint)),
    JSON.stringify(checkpoint),
  );
}

/** Saves a result unless there is one; says whether it did. */
export function* insertResult(
  { checkpointId, branchId }: ResultScope,
  key: string,
  result: JsonValue,
): SqlProgram<boolean> {
  const saved = yield sql(
    `INSERT INTO colloquy_results (checkpoint_id, branch_id, part, result) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING RETURNING part`,
    checkpointId,
    branchId,
    key,
    JSON.stringify(result),
  );
  return saved.length > 0;
}

/** Saves an answer unless there is one; says whether it did. */
export function* insertAnswer(
  threadId: string,
  requestId: string,
  answer: JsonValue,
): SqlProgram<boolean> {
  const saved = yield sql(
    `INSERT INTO colloquy_answers (thread_id, request_id, answer) VALUES ($1, $2, $3)
     ON CONFLICT DO NOTHING RETURNING request_id`,
    threadId,
    requestId,
    JSON.stringify(answer),
  );
  return saved.length > 0;
}

/** A checkpoint's row with those it builds on, the whole one first. */
export function* selectChain(id: string): SqlProgram<readonly SqlRow[]> {
  const rows = yield sql(
    `WITH RECURSIVE chain (id, base_id, body, depth) AS (
       SELECT id, base_id, body, 0 FROM colloquy_checkpoints WHERE id = $1 AND is_hidden = 0
       UNION ALL
       SELECT base.id, base.base_id, base.body, chain.depth + 1
       FROM chain JOIN colloquy_checkpoints base ON base.id = chain.base_id
     )
     SELECT base_id, body FROM chain ORDER BY depth DESC`,
    id,
  );
  const [first] = rows;
  if (first === undefined) throw new CheckpointNotFoundError(`"${id}"`);
  if (first['base_id'] !== null) throw new CheckpointNotFoundError(`"${textIn(first, 'base_id')}"`);
  return rows;
}

/** Up to `limit` rows after a place in the order of saving, as a filter says. */
export function* selectHeads(
  filter: CheckpointFilter,
  { after, limit }: { readonly after: number; readonly limit: number },
): SqlProgram<readonly SqlRow[]> {
  const { conditions, values } = conditionsOf(filter);
  return yield sql(
    `SELECT seq, head FROM colloquy_checkpoints
     WHERE is_hidden = 0 AND seq > $1${conditions.map((condition, index) => ` AND ${condition} $${index + 3}`).join('')}
     ORDER BY seq LIMIT $2`,
    after,
    limit,
    ...values,
  );
}

function conditionsOf(filter: CheckpointFilter): {
  readonly conditions: readonly string[];
  readonly values: readonly SqlValue[];
} {
  const tests: readonly (readonly [string, SqlValue | undefined])[] = [
    ['workflow_name =', filter.workflowName],
    ['thread_id =', filter.threadId],
    ['branch_id =', filter.branchId],
    ['run_state =', filter.runState],
    ['created_at >=', filter.after],
    ['created_at <', filter.before],
  ];
  const asked = tests.flatMap(([condition, value]) =>
    value === undefined ? [] : [{ condition, value }],
  );
  return {
    conditions: asked.map(({ condition }) => condition),
    values: asked.map(({ value }) => value),
  };
}

/** Hides a checkpoint, and removes what nobody needs any more; says whether there was one. */
export function* deleteCheckpoint(id: string): SqlProgram<boolean> {
  const [found] = yield sql('SELECT thread_id FROM colloquy_checkpoints WHERE id = $1', id);
  if (found === undefined) return false;
  const threadId = textIn(found, 'thread_id');
  yield { lock: threadId };
  const hidden = yield sql(
    'UPDATE colloquy_checkpoints SET is_hidden = 1 WHERE id = $1 AND is_hidden = 0 RETURNING id',
    id,
  );
  if (hidden.length === 0) return false;
  yield sql('DELETE FROM colloquy_results WHERE checkpoint_id = $1', id);
  yield* dropUnused(id);
  const left = yield sql(
    'SELECT 1 AS found FROM colloquy_checkpoints WHERE thread_id = $1 AND is_hidden = 0 LIMIT 1',
    threadId,
  );
  if (left.length > 0) return true;
  yield sql('DELETE FROM colloquy_answers WHERE thread_id = $1', threadId);
  yield sql('DELETE FROM colloquy_branches WHERE thread_id = $1', threadId);
  return true;
}

/** Removes a hidden checkpoint that nobody builds on, and then what only it built on. */
function* dropUnused(id: string): SqlProgram<void> {
  for (let unused: string | null = id; unused !== null;) {
    const [removed]: readonly SqlRow[] = yield sql(
      `DELETE FROM colloquy_checkpoints WHERE id = $1 AND is_hidden = 1
       AND NOT EXISTS (SELECT 1 FROM colloquy_checkpoints other WHERE other.base_id = $1)
       RETURNING base_id`,
      unused,
    );
    const base: unknown = removed?.['base_id'];
    unused = typeof base === 'string' ? base : null;
  }
}
