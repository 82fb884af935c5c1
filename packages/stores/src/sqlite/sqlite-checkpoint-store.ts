import { type DatabaseSync } from 'node:sqlite';

import { SqlCheckpointStore } from '../sql/sql-checkpoint-store.ts';
import { sqliteDriver } from './sqlite-driver.ts';

/**
 * Keeps checkpoints in an SQLite database, by way of `node:sqlite`.
 *
 * Several processes of one machine may use one file. A file is opened with a write-ahead log and full
 * synchronisation, so that what was saved outlasts a crash of the machine. A database of the caller's keeps its
 * settings and stays open; its tables `colloquy_*` are made when they are missing.
 */
export class SqliteCheckpointStore extends SqlCheckpointStore {
  /** @param database - A file's path, `:memory:`, or a database of the caller's. */
  constructor(database: string | DatabaseSync) {
    super(sqliteDriver(database));
  }
}
