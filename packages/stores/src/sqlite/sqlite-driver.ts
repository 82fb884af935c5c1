import { DatabaseSync, type StatementSync } from 'node:sqlite';

import { schemaStatements } from '../sql/schema.ts';
import {
  type SqlDriver,
  type SqlProgram,
  type SqlRow,
  type SqlStatement,
  type SqlValue,
} from '../sql/sql-program.ts';

/** How long a process waits for another that writes, in milliseconds. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Runs programs on `node:sqlite`, each in one turn.
 *
 * Owns a database that it opened, at the first program, and the prepared statements.
 */
export function sqliteDriver(database: string | DatabaseSync): SqlDriver {
  let opened: DatabaseSync | undefined;
  const prepared = new Map<string, StatementSync>();
  const open = (): DatabaseSync => {
    if (opened !== undefined) return opened;
    const candidate = typeof database === 'string' ? openFile(database) : database;
    for (const statement of schemaStatements('INTEGER PRIMARY KEY AUTOINCREMENT'))
      candidate.exec(statement);
    opened = candidate;
    return candidate;
  };
  return {
    run: async (program) => {
      const target = open();
      return inTransaction(target, () => drive(program(), target, prepared));
    },
    close: async () => {
      prepared.clear();
      if (typeof database === 'string') opened?.close();
    },
  };
}

function openFile(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  return database;
}

/** Takes the write lock at once, so that what is read does not change before what is written. */
function inTransaction<TResult>(database: DatabaseSync, work: () => TResult): TResult {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // A failure such as a full disk has ended the transaction already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function drive<TResult>(
  program: SqlProgram<TResult>,
  database: DatabaseSync,
  prepared: Map<string, StatementSync>,
): TResult {
  const all = ({ text, values }: SqlStatement): readonly SqlRow[] => {
    const statement = prepared.get(text) ?? database.prepare(text);
    prepared.set(text, statement);
    return statement.all(placesOf(values));
  };
  let step = program.next([]);
  while (!step.done) {
    // The transaction holds the only lock there is.
    step = program.next('lock' in step.value ? [] : all(step.value));
  }
  return step.value;
}

/** The values by the names of their places: `$1` is `1`. */
function placesOf(values: readonly SqlValue[]): Record<string, SqlValue> {
  return Object.fromEntries(values.map((value, index) => [String(index + 1), value]));
}
