import { ConfigurationError } from '@colloquy/core';

/** What the store asks of a connection; a client of `ioredis` has it. */
export interface RedisClient {
  /** Runs a Lua script, all of it or nothing. */
  readonly eval: (
    script: string,
    keyCount: number,
    ...keysAndArguments: (string | number)[]
  ) => Promise<unknown>;
}

/** A connection that the store opened itself. */
export interface OwnedRedisClient extends RedisClient {
  readonly quit: () => Promise<unknown>;
  readonly on: (event: 'error', listener: () => void) => unknown;
}

/** What is used of the driver's module. */
interface RedisModule {
  readonly Redis: new (
    url: string,
    options: { readonly maxRetriesPerRequest: number },
  ) => OwnedRedisClient;
}

/** How often a command is tried again while the connection is away, before the operation fails. */
const RETRIES = 2;

/** Opens a connection. */
export async function openRedis(url: string): Promise<OwnedRedisClient> {
  const { Redis } = await loadDriver();
  const client = new Redis(url, { maxRetriesPerRequest: RETRIES });
  // The client connects again by itself; the operation that needed it tells what is wrong.
  client.on('error', () => undefined);
  return client;
}

async function loadDriver(): Promise<RedisModule> {
  try {
    return await import('ioredis');
  } catch (error) {
    throw new ConfigurationError(
      'Expected the package "ioredis" to be installed, since RedisCheckpointStore speaks through it. Add it: npm install ioredis.',
      { code: 'checkpoint/driver-missing', cause: error },
    );
  }
}
