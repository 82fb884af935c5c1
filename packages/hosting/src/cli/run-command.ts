import { join } from 'node:path';

import { ConfigurationError } from '@colloquy/core';
import { FileCheckpointStore } from '@colloquy/core/node';

import { type HostSettings } from '../app/host-options.ts';
import { responsesApp } from '../app/responses-app.ts';
import { FileResponseStore } from '../node/file-response-store.ts';
import { isLoopback, serveApp } from '../node/serve-app.ts';
import { type Command, HELP, parseCommand } from './command.ts';
import { loadModule } from './load-module.ts';

/** What a command works with. */
export interface CommandContext {
  readonly print: (line: string) => void;
  /** The bearer token that clients must send, if any. */
  readonly apiKey: string | undefined;
  /** Aborts when the process is asked to end. */
  readonly signal: AbortSignal;
}

/**
 * Runs a command to its end; serving ends when the signal aborts, after what is at work has ended or was stopped.
 *
 * Rejects with a `ConfigurationError` that says what to change.
 */
export async function runCommand(args: readonly string[], context: CommandContext): Promise<void> {
  const command = parseCommand(args);
  if (command.kind === 'help') context.print(HELP);
  else await serve(command, context);
}

async function serve(
  { module, port, hostname, data }: Extract<Command, { kind: 'serve' }>,
  { print, apiKey, signal }: CommandContext,
): Promise<void> {
  if (!isLoopback(hostname) && apiKey === undefined) {
    throw new ConfigurationError(
      `Expected COLLOQUY_API_KEY to be set, since others can reach ${hostname}. Set it to a long random text, or leave --host out.`,
      { code: 'hosting/invalid-command' },
    );
  }
  const app = responsesApp({ ...(await loadModule(module)), ...storesIn(data), apiKey });
  const [model = ''] = await app.models();
  const server = await serveApp(app, { port, hostname });
  print(`Serving ${(await app.models()).join(', ')} on ${server.url}`);
  print(`Try it:\n  ${curlFor(server.url, model, apiKey !== undefined)}`);
  await aborted(signal);
  print('Shutting down.');
  await server.close();
}

function storesIn(data: string | undefined): Pick<HostSettings, 'checkpoints' | 'store'> {
  if (data === undefined) return {};
  return {
    checkpoints: new FileCheckpointStore(join(data, 'checkpoints')),
    store: new FileResponseStore(join(data, 'responses')),
  };
}

function curlFor(url: string, model: string, needsKey: boolean): string {
  const body = JSON.stringify({ model, input: 'Hello' }).replaceAll("'", String.raw`'\''`);
  const key = needsKey ? ' -H "authorization: Bearer $COLLOQUY_API_KEY"' : '';
  return `curl ${url}/responses -H 'content-type: application/json'${key} -d '${body}'`;
}

async function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}
