/**
 * Benchmarks beside peers: `pnpm bench:peers`, or `pnpm bench:peers B2` to see some of the cases.
 *
 * Installs the peers into `bench/peers/node_modules`, apart from the workspace; with all cases it writes `docs/benchmarks.md`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { ROWS } from './cases.ts';
import { type ForksMeasured, measureForks } from './forks.ts';
import { measureInstalled } from './installed.ts';
import { measureRow } from './measure.ts';
import { OWN_SECTIONS } from './own/index.ts';
import { digits, type MeasuredRow, toBarChart, toMarkdown } from './report.ts';
import { type Subject } from './subject.ts';
import { colloquy } from './subjects/colloquy.ts';
import { floor } from './subjects/floor.ts';
import { lean } from './subjects/lean.ts';

const PEERS = [
  'langgraph',
  'xstate',
  'mastra',
  'voltagent',
  'strands',
  'google-adk',
  'openai-agents',
];

const folder = fileURLToPath(new URL('peers/', import.meta.url));
const chosen = process.argv.slice(2).map((section) => section.toUpperCase());
const rows = ROWS.filter(({ section }) => chosen.length === 0 || chosen.includes(section));

install();
const subjects: readonly Subject[] = [floor, lean, colloquy, ...(await loadPeers())];
const measuredRows: MeasuredRow[] = [];
for (const row of rows) {
  const measured = await measureRow(row, subjects, { rounds: 3, turnMs: 100 });
  measuredRows.push({ row, measured });
  console.log(`${row.section} ${row.label}, µs per ${row.unit}`);
  for (const { subject, median } of measured)
    console.log(`  ${subject.padEnd(28)} ${median === undefined ? 'cannot' : digits(median)}`);
}
if (chosen.length === 0) await write(measuredRows, await measureAllForks());
else if (chosen.includes('B8')) console.table(await measureInstalled());
// Some peers keep timers and sockets that would hold the process.
process.exit();

function install(): void {
  if (existsSync(`${folder}node_modules`)) return;
  const flags = ['--ignore-workspace', 'install', '--frozen-lockfile', '--ignore-scripts'];
  execFileSync('npx', ['--yes', 'pnpm@12', '--dir', folder, ...flags], { stdio: 'inherit' });
}

async function loadPeers(): Promise<Subject[]> {
  const loaded = [];
  for (const name of PEERS) {
    const { subject }: { subject: Subject } = await import(`./peers/${name}.ts`);
    loaded.push(subject);
  }
  return loaded;
}

async function measureAllForks(): Promise<(readonly [string, ForksMeasured])[]> {
  const measured = [];
  for (const subject of subjects) {
    if (subject.forks === undefined) continue;
    measured.push([subject.name, await measureForks(subject)] as const);
  }
  return measured;
}

/** The sections that have no peers; concurrent runs have a table. */
async function measureOwn(): Promise<ReadonlyMap<string, readonly string[]>> {
  const told = new Map<string, readonly string[]>();
  for (const [section, measure] of Object.entries(OWN_SECTIONS)) {
    if (measure === undefined || section === 'B7') continue;
    const lines: string[] = [];
    for await (const line of measure()) lines.push(line);
    told.set(section, lines);
  }
  return told;
}

async function write(
  measured: readonly MeasuredRow[],
  forks: readonly (readonly [string, ForksMeasured])[],
): Promise<void> {
  const docs = fileURLToPath(new URL('../docs/', import.meta.url));
  const remarks = await readFile(new URL('remarks.md', import.meta.url), 'utf8');
  const manifest: { dependencies: Record<string, string> } = JSON.parse(
    await readFile(`${folder}package.json`, 'utf8'),
  );
  const report = {
    rows: measured,
    forks,
    installed: await measureInstalled(),
    own: await measureOwn(),
    versions: manifest.dependencies,
    remarks,
  };
  await mkdir(`${docs}benchmarks`, { recursive: true });
  await writeFile(`${docs}benchmarks.md`, toMarkdown(report));
  for (const each of largestRows(measured))
    await writeFile(`${docs}benchmarks/${each.row.section}.svg`, toBarChart(each));
}

/** Of each section the last row, which is its greatest, among those that most subjects can do. */
function largestRows(measured: readonly MeasuredRow[]): Iterable<MeasuredRow> {
  const largest = new Map<string, MeasuredRow>();
  const able = (each: MeasuredRow | undefined): number =>
    each?.measured.filter(({ median }) => median !== undefined).length ?? 0;
  for (const each of measured) {
    const { section } = each.row;
    if (able(each) >= able(largest.get(section))) largest.set(section, each);
  }
  return largest.values();
}
