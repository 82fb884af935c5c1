/**
 * Run on its own: imports core with everything watched that could reach outside, and prints what it did, as JSON.
 */
import { createHook } from 'node:async_hooks';
import { writeSync } from 'node:fs';

const done: string[] = [];
for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'fetch'] as const) {
  Object.defineProperty(globalThis, name, { value: () => done.push(name) });
}
/** What the loader does to read the modules themselves, and the one random number that ids begin with. */
const allowed = new Set([
  'PROMISE',
  'TickObject',
  'FSREQPROMISE',
  'FILEHANDLE',
  'FSREQCALLBACK',
  'RANDOMBYTESREQUEST',
]);
createHook({
  init: (_id, type) => {
    if (!allowed.has(type)) done.push(type);
  },
}).enable();
await import('@colloquy/core');
writeSync(1, JSON.stringify(done));
