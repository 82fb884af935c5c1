import { ConfigurationError } from '@colloquy/core';

import { schemaStatements } from '../sql/schema.ts';
import {
  sql,
  type SqlDriver,
  type SqlLock,
  type SqlProgram,
  type SqlStatement,
} from '../sql/sql-program.ts';
import { type PostgresClient, type PostgresPool } from './postgres-client.ts';

/** Hands out a connection for one transaction. */
type UseClient = <TResult>(work: (client: PostgresClient) => Promise<TResult>) => Promise<TResult>;

/** Any number, the same for every process: they make the tables one after another. */
const SCHEMA_LOCK = 6_407_001;

/**
 * Runs programs on Postgres, each as one transaction.
 *
 * Owns a pool that it opened, at the first program.
 */
export function postgresDriver(database: string | PostgresPool | PostgresClient): SqlDriver {
  let owned: Promise<OwnedPool> | undefined;
  const use: UseClient =
    typeof database === 'string'
      ? async (work) => usePool(await (owned ??= openPool(database)))(work)
      : 'totalCount' in database
        ? usePool(database)
        : useOneClient(database);
  let ready: Promise<void> | undefined;
  return {
    run: async (program) => {
      ready ??= use((client) => inTransaction(client, () => createTables(client)));
      try {
        await ready;
      } catch (error) {
        ready = undefined;
        throw error;
      }
      return use((client) => inTransaction(client, () => drive(program(), client)));
    },
    close: async () => {
      await (await owned)?.end();
    },
  };
}

/** A connection as far as its breaking is concerned. */
interface BreakableConnection {
  readonly on: (event: 'error', listener: () => void) => unknown;
}

interface OwnedPool extends PostgresPool {
  readonly end: () => Promise<void>;
  readonly on: {
    (event: 'error', listener: () => void): unknown;
    (event: 'connect', listener: (client: BreakableConnection) => void): unknown;
  };
}

async function openPool(connectionString: string): Promise<OwnedPool> {
  const { Pool } = await loadDriver();
  const pool = new Pool({ connectionString });
  // A connection that breaks while nobody uses it is replaced by the pool; the next operation tells what is wrong.
  pool.on('error', () => undefined);
  // The pool does not listen any more to a connection that it is closing, which the server may break at that moment.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** What is used of the driver's module. */
interface PostgresModule {
  readonly Pool: new (options: { readonly connectionString: string }) => OwnedPool;
}

async function loadDriver(): Promise<PostgresModule> {
  try {
    const { default: pg } = await import('pg');
    return pg;
  } catch (error) {
    throw new ConfigurationError(
      'Expected the package "pg" to be installed, since PostgresCheckpointStore speaks through it. Add it: npm install pg.',
      { code: 'checkpoint/driver-missing', cause: error },
    );
  }
}

function usePool(pool: PostgresPool): UseClient {
  return async (work) => {
    const client = await pool.connect();
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      // A connection in doubt is not used again.
      client.release(true);
      throw error;
    }
  };
}

/** One transaction at a time. */
function useOneClient(client: PostgresClient): UseClient {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(() => work(client));
    last = done.catch(() => undefined);
    return done;
  };
}

async function inTransaction<TResult>(
  client: PostgresClient,
  work: () => Promise<TResult>,
): Promise<TResult> {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // The first error tells what is wrong; a broken connection cannot be rolled back and need not be.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function createTables(client: PostgresClient): Promise<void> {
  await client.query(`SELECT pg_advisory_xact_lock(${SCHEMA_LOCK})`);
  for (const statement of schemaStatements('BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY'))
    await client.query(statement);
}

async function drive<TResult>(
  program: SqlProgram<TResult>,
  client: PostgresClient,
): Promise<TResult> {
  let step = program.next([]);
  while (!step.done) {
    const { text, values } = 'lock' in step.value ? lockOf(step.value) : step.value;
    const { rows } = await client.query(text, [...values]);
    step = program.next(rows);
  }
  return step.value;
}

function lockOf({ lock }: SqlLock): SqlStatement {
  return sql('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', lock);
}
