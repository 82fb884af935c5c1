/** Runs every strategy in every world and writes `docs/evaluation.md` and its plots: `pnpm evaluate [seeds]`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { drawPlot } from './plot.ts';
import { plotsOf, reportOf } from './report.ts';
import { evaluate } from './trials.ts';

const seeds = Number(process.argv[2] ?? 300);
if (!Number.isInteger(seeds) || seeds < 1)
  throw new Error(`Expected a number of seeds, got "${process.argv[2]}".`);

const results = await evaluate(seeds, (line) => console.log(line));
const folder = join(import.meta.dirname, '../../docs');
mkdirSync(join(folder, 'evaluation'), { recursive: true });
for (const [name, plot] of Object.entries(plotsOf(results)))
  writeFileSync(join(folder, 'evaluation', `${name}.svg`), drawPlot(plot));
writeFileSync(join(folder, 'evaluation.md'), reportOf(results, seeds));
