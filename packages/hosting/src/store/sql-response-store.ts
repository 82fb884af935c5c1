import { type JsonValue } from '@colloquy/core';

import {
  type RecordFilter,
  type RecordKey,
  type ResponseStore,
  type StoredRecord,
} from './response-store.ts';

/** A value of a statement; it stands at `$1`, `$2` … in its text. */
export type SqlValue = string | number;

/** A row by the names of its columns. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** A database that runs one statement at a time, each whole or not at all. */
export interface SqlConnection {
  query(text: string, values: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  close(): Promise<void>;
}

/** The tables; the same for every database. */
export const SCHEMA: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS colloquy_records (
     tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
     version INTEGER NOT NULL, changed_at BIGINT NOT NULL, value TEXT NOT NULL,
     PRIMARY KEY (tenant, kind, id))`,
  `CREATE INDEX IF NOT EXISTS colloquy_records_by_change ON colloquy_records (kind, changed_at)`,
  `CREATE TABLE IF NOT EXISTS colloquy_record_events (
     tenant TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
     batch INTEGER NOT NULL, events TEXT NOT NULL,
     PRIMARY KEY (tenant, kind, id, batch))`,
];

const IS_KEY = 'tenant = $1 AND kind = $2 AND id = $3';

/**
 * Keeps responses and conversations in tables of an SQL database.
 *
 * Owns the connection. Every change is one statement, which the database does whole or not at all.
 */
export class SqlResponseStore implements ResponseStore {
  readonly #connection: SqlConnection;

  constructor(connection: SqlConnection) {
    this.#connection = connection;
  }

  async get(key: RecordKey): Promise<StoredRecord | undefined> {
    const [row] = await this.#query(
      `SELECT value, version FROM colloquy_records WHERE ${IS_KEY}`,
      partsOf(key),
    );
    if (row === undefined) return undefined;
    return { value: jsonIn(row, 'value'), version: Number(row['version']) };
  }

  async insert(key: RecordKey, value: JsonValue): Promise<boolean> {
    const rows = await this.#query(
      `INSERT INTO colloquy_records (tenant, kind, id, version, changed_at, value)
       VALUES ($1, $2, $3, 1, $4, $5) ON CONFLICT DO NOTHING RETURNING version`,
      [...partsOf(key), Date.now(), JSON.stringify(value)],
    );
    return rows.length > 0;
  }

  async replace(key: RecordKey, value: JsonValue, version: number): Promise<boolean> {
    const rows = await this.#query(
      `UPDATE colloquy_records SET version = version + 1, changed_at = $4, value = $5
       WHERE ${IS_KEY} AND version = $6 RETURNING version`,
      [...partsOf(key), Date.now(), JSON.stringify(value), version],
    );
    return rows.length > 0;
  }

  async delete(key: RecordKey): Promise<boolean> {
    const rows = await this.#query(
      `DELETE FROM colloquy_records WHERE ${IS_KEY} RETURNING version`,
      partsOf(key),
    );
    await this.#query(`DELETE FROM colloquy_record_events WHERE ${IS_KEY}`, partsOf(key));
    return rows.length > 0;
  }

  async appendEvents(key: RecordKey, events: readonly JsonValue[]): Promise<void> {
    await this.#query(
      `INSERT INTO colloquy_record_events (tenant, kind, id, batch, events)
       SELECT tenant, kind, id,
         (SELECT COALESCE(MAX(batch), 0) + 1 FROM colloquy_record_events WHERE ${IS_KEY}), $4
       FROM colloquy_records WHERE ${IS_KEY}`,
      [...partsOf(key), JSON.stringify(events)],
    );
  }

  async events(key: RecordKey, from: number): Promise<readonly JsonValue[]> {
    const rows = await this.#query(
      `SELECT events FROM colloquy_record_events WHERE ${IS_KEY} ORDER BY batch`,
      partsOf(key),
    );
    const batches = rows.map((row) => jsonIn(row, 'events'));
    return batches.flatMap((batch) => (Array.isArray(batch) ? batch : [])).slice(from);
  }

  async list({ kind, before, limit }: RecordFilter): Promise<readonly RecordKey[]> {
    const rows = await this.#query(
      `SELECT tenant, id FROM colloquy_records WHERE kind = $1 AND changed_at < $2
       ORDER BY changed_at LIMIT $3`,
      [kind, before, limit],
    );
    return rows.map(({ tenant, id }) => ({ tenant: String(tenant), kind, id: String(id) }));
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #query(text: string, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.#connection.query(text, values);
  }
}

function partsOf({ tenant, kind, id }: RecordKey): readonly string[] {
  return [tenant, kind, id];
}

function jsonIn(row: SqlRow, column: string): JsonValue {
  return JSON.parse(String(row[column]));
}
