/**
 * Benchmarks of this library alone: `pnpm bench`, or `pnpm bench B2 B5` for some of the cases.
 *
 * Read the ratios, not the times; a plain loop of awaits is the floor.
 */
import { ROWS, TITLES } from './cases.ts';
import { type Measured, measureRow } from './measure.ts';
import { OWN_SECTIONS } from './own/index.ts';
import { colloquy } from './subjects/colloquy.ts';
import { floor } from './subjects/floor.ts';
import { lean } from './subjects/lean.ts';

const chosen = process.argv.slice(2).map((section) => section.toUpperCase());
const unknown = chosen.filter((section) => !(section in TITLES));
if (unknown.length > 0)
  throw new Error(`Expected cases ${Object.keys(TITLES).join(', ')}, got ${unknown.join(', ')}.`);

for (const [section, title] of Object.entries(TITLES)) {
  if (chosen.length > 0 && !chosen.includes(section)) continue;
  console.log(`\n${section}  ${title}`);
  for (const row of ROWS.filter((each) => each.section === section)) {
    console.log(`  ${row.label}, µs per ${row.unit}`);
    show(await measureRow(row, [floor, lean, colloquy], { rounds: 5, turnMs: 120 }));
  }
  for await (const line of OWN_SECTIONS[section]?.() ?? []) console.log(`  ${line}`);
}

function show(measured: readonly Measured[]): void {
  const base = measured.find(({ median }) => median !== undefined)?.median ?? Number.NaN;
  for (const { subject, median, spread } of measured) {
    if (median === undefined || spread === undefined) continue;
    const ratio = (median / base).toFixed(median / base < 10 ? 1 : 0);
    const range = spread.map((value) => value.toPrecision(3)).join('..');
    console.log(
      `    ${subject.padEnd(28)} ${median.toPrecision(3).padStart(8)}  ${ratio.padStart(5)}x  (${range})`,
    );
  }
}
