import { parseArgs } from 'node:util';

import { ConfigurationError } from '@colloquy/core';

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'serve';
      /** The path of the module. */
      readonly module: string;
      readonly port: number;
      readonly hostname: string;
      /** The folder in which conversations outlast the process. */
      readonly data: string | undefined;
    };

export const HELP = `colloquy serve MODULE [--port 8088] [--host 127.0.0.1] [--data FOLDER]

Hosts the workflows and agents that MODULE exports behind the OpenAI Responses protocol.

  --port   where to listen; 0 for any port that is free
  --host   on which address; any but a loopback address needs COLLOQUY_API_KEY
  --data   a folder in which conversations are kept; without it they end with the process

COLLOQUY_API_KEY   the bearer token that clients must send
`;

/**
 * Reads the command line.
 *
 * @throws {ConfigurationError} `hosting/invalid-command` that says what is wrong.
 */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  const [name, module, ...more] = positionals;
  if (values.help === true || name === undefined) return { kind: 'help' };
  if (name !== 'serve') throw invalid(`the command "serve", got "${name}"`);
  if (module === undefined || more.length > 0)
    throw invalid(`one module to serve, got ${positionals.length - 1}`);
  const port = Number(values.port ?? '8088');
  if (!Number.isSafeInteger(port) || port < 0 || port > 65_535)
    throw invalid(`a port from 0 to 65535, got "${values.port ?? ''}"`);
  return { kind: 'serve', module, port, hostname: values.host ?? '127.0.0.1', data: values.data };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        port: { type: 'string', short: 'p' },
        host: { type: 'string' },
        data: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw invalid(`known options (${error instanceof Error ? error.message : String(error)})`);
  }
}

function invalid(expected: string): ConfigurationError {
  return new ConfigurationError(`Expected ${expected}. See: colloquy --help`, {
    code: 'hosting/invalid-command',
  });
}
