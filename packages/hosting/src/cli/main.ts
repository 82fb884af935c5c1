#!/usr/bin/env node
/** `colloquy`: runs a command, ends cleanly when it is asked to, and at once when it is asked again. */
import { ConfigurationError } from '@colloquy/core';

import { runCommand } from './run-command.ts';

const ending = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const)
  process.on(name, () => {
    if (ending.signal.aborted) process.exit(1);
    ending.abort();
  });

try {
  await runCommand(process.argv.slice(2), {
    print: (line) => console.log(line),
    apiKey: process.env['COLLOQUY_API_KEY'] || undefined,
    signal: ending.signal,
  });
  // A module that was served may have left timers and connections behind.
  process.exit(0);
} catch (error) {
  // What is to be changed is told in a sentence; of anything else the whole is needed.
  console.error(ConfigurationError.isInstance(error) ? error.message : error);
  process.exit(1);
}
