/**
 * What must stay true of the engine's cost, as ratios and counts, never times: `pnpm check:performance`, also in CI.
 *
 * Sizes are checked by `size-limit`, see `.size-limit.js`.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { incompleteBundles } from './contracts/bundles.ts';
import { flatCost } from './contracts/flat-cost.ts';
import { heapGrowth, repeated } from './contracts/heap.ts';
import { growChat } from './own/checkpoints.ts';

/** A machine that is busy, or a compiler that begins anew, spoils a measurement and never improves one. */
const ATTEMPTS = 5;
const MOST_INSTANTIATIONS = 2000;
const MOST_STORED = 3;
/** A module takes Node about a third of a millisecond to find and read. */
const MOST_MODULES = 25;
/** Ten bytes for each of the 10,000 times; anything that is kept takes more. */
const MOST_HEAP_GROWTH = 10 * 10_000;

const broken: string[] = [];
for (const { name, limit, measure } of flatCost) {
  const least = await leastOf(measure, limit);
  report(name, `${least.toFixed(2)}x, at most ${limit}x`, least <= limit);
}
for (const [name, once] of repeated) {
  const growth = await leastOf(() => heapGrowth(once), MOST_HEAP_GROWTH);
  report(
    `heap after 10,000 ${name}`,
    `${growth} bytes more, at most ${MOST_HEAP_GROWTH}`,
    growth <= MOST_HEAP_GROWTH,
  );
}
for (const messages of [200, 400]) {
  const { bytes, transcript } = await growChat(messages);
  report(
    `what a chat of ${messages} messages stores against its transcript`,
    `${(bytes / transcript).toFixed(2)}x, at most ${MOST_STORED}x`,
    bytes <= MOST_STORED * transcript,
  );
}
const imported = run(process.execPath, [...process.execArgv, pathOf('contracts/import.ts')]);
report('importing core: I/O and timers', imported, imported === '[]');
const modules = Number(run(process.execPath, [pathOf('contracts/modules.ts')]));
report(
  'modules that importing core takes, as it is published',
  `${modules}, at most ${MOST_MODULES}`,
  modules <= MOST_MODULES,
);
const incomplete = await incompleteBundles();
report(
  'hello worlds that run with what their sizes count',
  incomplete.length === 0 ? 'all' : `not ${incomplete.join(', ')}`,
  incomplete.length === 0,
);
const instantiations = countInstantiations();
report(
  'type instantiations of a hello world',
  `${instantiations}, at most ${MOST_INSTANTIATIONS}`,
  instantiations <= MOST_INSTANTIATIONS,
);
if (broken.length > 0) {
  console.error(`Broken: ${broken.join('; ')}.`);
  process.exitCode = 1;
}

function report(name: string, value: string, holds: boolean): void {
  console.log(`${holds ? 'ok    ' : 'BROKEN'} ${name}: ${value}`);
  if (!holds) broken.push(name);
}

/** The least of some measurements, up to the first that is within the limit. */
async function leastOf(measure: () => Promise<number>, limit: number): Promise<number> {
  let least = Infinity;
  for (let attempt = 0; attempt < ATTEMPTS && least > limit; attempt += 1)
    least = Math.min(least, await measure());
  return least;
}

function countInstantiations(): number {
  const compiler = pathOf('../node_modules/typescript/bin/tsc');
  const project = pathOf('contracts/hello.tsconfig.json');
  const told = run(process.execPath, [compiler, '-p', project, '--extendedDiagnostics']);
  return Number(/Instantiations:\s+(\d+)/.exec(told)?.[1] ?? Number.NaN);
}

function run(file: string, args: readonly string[]): string {
  return execFileSync(file, args, { encoding: 'utf8' });
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
