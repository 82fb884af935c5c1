import { ConfigurationError } from '@colloquy/core';

import {
  SCHEMA,
  type SqlConnection,
  SqlResponseStore,
  type SqlRow,
} from '../store/sql-response-store.ts';

/** What the store asks of `pg`; a `pg.Pool` and a connected `pg.Client` have it. */
export interface PostgresQueries {
  readonly query: (
    text: string,
    values?: unknown[],
  ) => Promise<{ readonly rows: readonly SqlRow[] }>;
}

/**
 * Keeps responses and conversations in a Postgres database, by way of `pg`.
 *
 * Any number of processes may use one database. The tables `colloquy_record*` are made in the connection's current schema
 * when they are missing.
 */
export class PostgresResponseStore extends SqlResponseStore {
  /**
   * @param database - A connection string, for which a pool is opened, and closed by `close`; or a pool or a connected
   *   client of the caller's, which stays open.
   */
  constructor(database: string | PostgresQueries) {
    super(connectTo(database));
  }
}

interface OwnedPool extends PostgresQueries {
  readonly end: () => Promise<void>;
}

/** Opens a pool, and makes the tables, at the first statement. */
function connectTo(database: string | PostgresQueries): SqlConnection {
  let owned: Promise<OwnedPool> | undefined;
  let ready: Promise<PostgresQueries> | undefined;
  const prepare = async (): Promise<PostgresQueries> => {
    const target = typeof database === 'string' ? await (owned ??= openPool(database)) : database;
    // One statement text is one transaction, so that processes which begin at once make the tables one after another.
    await target.query([`SELECT pg_advisory_xact_lock(${SCHEMA_LOCK})`, ...SCHEMA].join(';'));
    return target;
  };
  return {
    query: async (text, values) => {
      ready ??= prepare();
      try {
        await ready;
      } catch (error) {
        ready = undefined;
        throw error;
      }
      const { rows } = await (await ready).query(text, [...values]);
      return rows;
    },
    close: async () => {
      await (await owned)?.end();
    },
  };
}

/** Any number, the same for every process. */
const SCHEMA_LOCK = 6_407_002;

async function openPool(connectionString: string): Promise<OwnedPool> {
  const { default: pg } = await import('pg').catch((error: unknown) => {
    throw new ConfigurationError(
      'Expected the package "pg" to be installed, since PostgresResponseStore speaks through it. Add it: npm install pg.',
      { code: 'hosting/driver-missing', cause: error },
    );
  });
  const pool = new pg.Pool({ connectionString });
  // A connection that breaks while nobody uses it is replaced by the pool; the next statement tells what is wrong.
  pool.on('error', () => undefined);
  // One that breaks while it is being closed is told of by nobody else.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
