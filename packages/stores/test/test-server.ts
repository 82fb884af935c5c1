import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A server of a test's own. */
export interface TestServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Where a program lies: in a folder given, or on the path. */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  return [...folders, ...path].map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Waits until a server says that it is ready; rejects when it ends before. */
export async function untilReady(server: ChildProcess): Promise<void> {
  let said = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const listen = (chunk: unknown): void => {
    said += String(chunk);
    if (/ready to accept connections/i.test(said)) resolve();
  };
  server.stdout?.on('data', listen);
  server.stderr?.on('data', listen);
  server.once('error', reject);
  server.once('exit', () => reject(new Error(`The server ended: ${said}`)));
  await promise;
}

/** Ends a server by its process id, and waits until it has ended. */
export async function stopServer(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill(signal);
  await ended;
}

/** Runs a program to its end. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: { readonly uid?: number; readonly gid?: number },
): Promise<void> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${program} failed: ${errors}`);
}
