import { DatabaseSync, type StatementSync } from 'node:sqlite';

import { SCHEMA, type SqlConnection, SqlResponseStore } from '../store/sql-response-store.ts';

/** How long a process waits for another that writes, in milliseconds. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Keeps responses and conversations in an SQLite database, by way of `node:sqlite`.
 *
 * Several processes of one machine may use one file, also the one of a `SqliteCheckpointStore`. A database of the
 * caller's keeps its settings and stays open; its tables `colloquy_record*` are made when they are missing.
 */
export class SqliteResponseStore extends SqlResponseStore {
  /** @param database - A file's path, `:memory:`, or a database of the caller's. */
  constructor(database: string | DatabaseSync) {
    super(connectTo(database));
  }
}

/** Opens the database at the first statement. */
function connectTo(database: string | DatabaseSync): SqlConnection {
  let opened: DatabaseSync | undefined;
  const prepared = new Map<string, StatementSync>();
  const open = (): DatabaseSync => {
    if (opened !== undefined) return opened;
    const candidate = typeof database === 'string' ? openFile(database) : database;
    for (const statement of SCHEMA) candidate.exec(statement);
    opened = candidate;
    return candidate;
  };
  return {
    query: async (text, values) => {
      const statement = prepared.get(text) ?? open().prepare(text);
      prepared.set(text, statement);
      const places = values.map((value, index) => [String(index + 1), value] as const);
      return statement.all(Object.fromEntries(places));
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
