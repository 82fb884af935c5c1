import { cpus } from 'node:os';

import { type Row, TITLES } from './cases.ts';
import { type ForksMeasured } from './forks.ts';
import { type Installed } from './installed.ts';
import { type Measured } from './measure.ts';

/** A row with what every subject took for it. */
export interface MeasuredRow {
  readonly row: Row;
  readonly measured: readonly Measured[];
}

/** Everything that the page tells. */
export interface Report {
  readonly rows: readonly MeasuredRow[];
  readonly forks: readonly (readonly [subject: string, ForksMeasured])[];
  readonly installed: readonly Installed[];
  /** What the sections that only this library has tell, line by line. */
  readonly own: ReadonlyMap<string, readonly string[]>;
  readonly versions: Readonly<Record<string, string>>;
  /** What has to be known to read the numbers; Markdown. */
  readonly remarks: string;
}

const OURS = 'Colloquy';

/** The page with the tables, in Markdown. */
export function toMarkdown(report: Report): string {
  const { versions, remarks } = report;
  const [cpu] = cpus();
  const sections = Object.entries(TITLES).map(
    ([section, title]) => `## ${section} ${title}\n\n${sectionOf(section, report)}\n`,
  );
  return [
    '# Benchmarks',
    '',
    'Written by `npx pnpm@12 bench:peers`; do not edit. Everything ran in one process, in turns (A B A B), in memory, with the results checked.',
    'Read the ratios: times drift with the machine. Numbers are medians of the rounds; in brackets, how many times as long as Colloquy.',
    '',
    `Machine: ${cpus().length} × ${cpu?.model ?? 'unknown'}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}.`,
    '',
    `Peers: ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
    '',
    remarks.trim(),
    '',
    ...sections,
  ].join('\n');
}

function sectionOf(section: string, { rows, forks, installed, own }: Report): string {
  const measured = rows.filter(({ row }) => row.section === section);
  const chart = `![${TITLES[section]}](benchmarks/${section}.svg)`;
  if (measured.length > 0) return `${tableOf(measured)}\n\n${chart}`;
  if (section === 'B7') return forksTable(forks);
  const alone = `Colloquy alone:\n\n\`\`\`text\n${own.get(section)?.join('\n') ?? ''}\n\`\`\``;
  return section === 'B8' ? `${installedTable(installed)}\n\n${alone}` : alone;
}

function installedTable(installed: readonly Installed[]): string {
  const body = installed.map(({ subject, packages, megabytes, importMs }) => [
    subject.startsWith(OURS) ? `**${subject}**` : subject,
    String(packages),
    digits(megabytes),
    digits(importMs),
  ]);
  return markdownTable([['', 'packages', 'MB installed', 'ms to import'], ...body]);
}

function tableOf(rows: readonly MeasuredRow[]): string {
  const subjects = rows[0]?.measured.map(({ subject }) => subject) ?? [];
  const head = ['', ...rows.map(({ row }) => `${row.label}, µs per ${row.unit}`)];
  const body = subjects.map((subject) => rowOf(subject, rows));
  return markdownTable([head, ...body]);
}

function rowOf(subject: string, rows: readonly MeasuredRow[]): string[] {
  const cells = rows.map(({ measured }) => cellOf(measured, subject));
  return [subject === OURS ? `**${subject}**` : subject, ...cells];
}

function cellOf(measured: readonly Measured[], subject: string): string {
  const median = medianOf(measured, subject);
  const ours = medianOf(measured, OURS);
  if (median === undefined) return 'cannot';
  const ratio = ours === undefined || subject === OURS ? '' : ` (${digits(median / ours)}×)`;
  return `${digits(median)}${ratio}`;
}

function medianOf(measured: readonly Measured[], subject: string): number | undefined {
  return measured.find((each) => each.subject === subject)?.median;
}

function forksTable(forks: Report['forks']): string {
  const body = forks.map(([subject, { runsPerSecond, peakMb, retainedBytes }]) => [
    subject === OURS ? `**${subject}**` : subject,
    digits(runsPerSecond),
    digits(peakMb),
    digits(Math.max(0, retainedBytes)),
  ]);
  return markdownTable([
    ['', 'runs per second', 'MB of heap at the peak', 'bytes left per run'],
    ...body,
  ]);
}

function markdownTable([head = [], ...body]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    line(head.map((_, index) => (index === 0 ? '---' : '--:'))),
    ...body.map(line),
  ].join('\n');
}

/** Three digits that count, without an exponent. */
export function digits(value: number): string {
  return value >= 100
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(3)));
}

const ROW_HEIGHT = 22;
const LABEL_WIDTH = 200;
const BAR_WIDTH = 380;

/** A bar for every subject that can do the row, on a logarithmic scale: a peer may be a thousand times as slow. */
export function toBarChart({ row, measured }: MeasuredRow): string {
  const bars = measured
    .flatMap(({ subject, median }) => (median === undefined ? [] : [{ subject, median }]))
    .toSorted((left, right) => left.median - right.median);
  const least = Math.log10(bars[0]?.median ?? 1) - 0.3;
  const most = Math.log10(bars.at(-1)?.median ?? 1);
  const height = (bars.length + 1) * ROW_HEIGHT + 8;
  const lines = bars.map(({ subject, median }, index) => {
    const width = Math.round(((Math.log10(median) - least) / (most - least)) * BAR_WIDTH);
    const top = (index + 1) * ROW_HEIGHT;
    const color = subject === OURS ? '#2f7d5b' : '#9aa5b1';
    return [
      `<text x="${LABEL_WIDTH - 8}" y="${top + 15}" text-anchor="end">${subject}</text>`,
      `<rect x="${LABEL_WIDTH}" y="${top + 3}" width="${width}" height="${ROW_HEIGHT - 6}" fill="${color}"/>`,
      `<text x="${LABEL_WIDTH + width + 6}" y="${top + 15}">${digits(median)}</text>`,
    ].join('\n');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LABEL_WIDTH + BAR_WIDTH + 80}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="8" y="15" font-weight="bold">${row.section}: ${row.label}, µs per ${row.unit}, logarithmic</text>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}
