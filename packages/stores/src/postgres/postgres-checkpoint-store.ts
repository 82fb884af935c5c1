import { SqlCheckpointStore } from '../sql/sql-checkpoint-store.ts';
import { type PostgresClient, type PostgresPool } from './postgres-client.ts';
import { postgresDriver } from './postgres-driver.ts';

/**
 * Keeps checkpoints in a Postgres database, by way of `pg`.
 *
 * Any number of processes may use one database. The tables `colloquy_*` are made in the connection's current schema
 * when they are missing.
 */
export class PostgresCheckpointStore extends SqlCheckpointStore {
  /**
   * @param database - A connection string, for which a pool is opened, and closed by `close`; or a pool or a connected
   *   client of the caller's, which stays open. A client is used for one operation at a time.
   */
  constructor(database: string | PostgresPool | PostgresClient) {
    super(postgresDriver(database));
  }
}
