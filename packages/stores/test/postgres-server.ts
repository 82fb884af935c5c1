import { execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from './free-port.ts';
import { findProgram, runProgram, stopServer, type TestServer, untilReady } from './test-server.ts';

/** Where Debian puts the servers' programs, the newest first. */
const FOLDER = '/usr/lib/postgresql';

/** Debian's `initdb`; `postgres` lies beside it. */
export const initdbProgram: string | undefined = findProgram('initdb', debianFolders());

function debianFolders(): readonly string[] {
  try {
    const versions = readdirSync(FOLDER).toSorted((left, right) => Number(right) - Number(left));
    return versions.map((version) => join(FOLDER, version, 'bin'));
  } catch {
    return [];
  }
}

/** Starts Postgres on a loopback port and a folder of its own. */
export async function startPostgres(): Promise<TestServer> {
  if (initdbProgram === undefined) throw new Error('Expected postgresql to be installed.');
  const port = await freePort();
  const user = serverUser();
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-postgres-'));
  if (user.uid !== undefined) await chown(folder, user.uid, user.gid ?? user.uid);
  const data = join(folder, 'data');
  await runProgram(
    initdbProgram,
    ['-D', data, '-A', 'trust', '-U', 'postgres', '-N', '-E', 'UTF8'],
    user,
  );
  const program = initdbProgram.replace(/initdb$/, 'postgres');
  const args = ['-D', data, '-p', `${port}`, '-h', '127.0.0.1', '-k', folder, '-F'];
  const server = spawn(program, args, { ...user, stdio: ['ignore', 'pipe', 'pipe'] });
  await untilReady(server);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await stopServer(server, 'SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Postgres refuses to run as root; the package made a user for it. */
function serverUser(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (kind: string): number =>
    Number(execFileSync('id', [kind, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}
