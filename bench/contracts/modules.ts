/**
 * Run on its own, without the condition that leads to sources: imports core as it is published, and prints how many
 * modules that takes.
 */
import { registerHooks } from 'node:module';
import { writeSync } from 'node:fs';

let modules = 0;
registerHooks({
  load: (url, context, nextLoad) => {
    modules += 1;
    return nextLoad(url, context);
  },
});
await import('@colloquy/core');
writeSync(1, String(modules));
