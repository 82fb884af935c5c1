import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from './free-port.ts';
import { findProgram, stopServer, type TestServer, untilReady } from './test-server.ts';

/** Debian's `redis-server`. */
export const redisProgram: string | undefined = findProgram('redis-server');

/** Starts Redis on a loopback port and a folder of its own. */
export async function startRedis(): Promise<TestServer> {
  if (redisProgram === undefined) throw new Error('Expected redis-server to be installed.');
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-redis-'));
  const server = spawn(
    redisProgram,
    [
      '--port',
      `${port}`,
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--appendonly',
      'yes',
      '--save',
      '',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  await untilReady(server);
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      await stopServer(server, 'SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
