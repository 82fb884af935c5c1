import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { FAULT_KINDS, type FaultKind, FAULTS } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

import { TEAMS } from '../suites/teams.ts';
import { BUDGET, type Outcome, runWithFault } from './faulty-team.ts';

const documents = join(import.meta.dirname, '../../docs');
const listed = readFileSync(join(documents, 'errors.md'), 'utf8');
const patterns = Object.keys(TEAMS);

/** What one kind of fault does to one pattern. */
interface Cell {
  /** One run for each request that the fault could be done to, and was. */
  readonly once: readonly Outcome[];
  /** Every request meets it. */
  readonly always: Outcome;
}

async function cellOf(kind: FaultKind, pattern: string): Promise<Cell> {
  const create = TEAMS[pattern];
  if (create === undefined) throw new Error(`There is no pattern ${pattern}.`);
  const once: Outcome[] = [];
  for (let when = 1; ; when += 1) {
    const outcome = await runWithFault(create, kind, when);
    // The fault comes after the end.
    if (outcome.requests < when) break;
    if (outcome.injected > 0) once.push(outcome);
  }
  return { once, always: await runWithFault(create, kind, 'always') };
}

const cells = new Map<string, Cell>();

describe.each(FAULT_KINDS)('%s', (kind) => {
  it.each(patterns)(
    'on %s ends well or with its documented error, within the budget',
    async (pattern) => {
      const cell = await cellOf(kind, pattern);
      cells.set(`${kind} ${pattern}`, cell);

      const outcomes = [...cell.once, cell.always];
      const failed = outcomes.flatMap(({ end }) => ('failed' in end ? [end.failed] : []));
      const { code } = FAULTS[kind];
      const expected = code === undefined ? ['group-chat/speaker-selection'] : [code];
      expect(failed.filter((each) => !expected.includes(each))).toEqual([]);
      expect(failed.filter((each) => !listed.includes(`\`${each}\``))).toEqual([]);
      expect(Math.max(...outcomes.map(({ requests }) => requests))).toBeLessThan(BUDGET);
    },
  );
});

function describeOnce({ once }: Cell): string {
  if (once.length === 0) return 'cannot come';
  const ends = new Map<string, number>();
  for (const { end } of once) {
    const text = 'failed' in end ? `\`${end.failed}\`` : `ends (${end.stopped})`;
    ends.set(text, (ends.get(text) ?? 0) + 1);
  }
  return [...ends].map(([text, count]) => `${count} × ${text}`).join(', ');
}

function describeAlways({ always: { end, requests, injected } }: Cell): string {
  if (injected === 0) return 'cannot come';
  const text = 'failed' in end ? `\`${end.failed}\`` : `ends (${end.stopped})`;
  return `${text} after ${requests}`;
}

function table(describeCell: (cell: Cell) => string): string {
  const textOf = (kind: FaultKind, pattern: string): string => {
    const cell = cells.get(`${kind} ${pattern}`);
    return cell === undefined ? '' : describeCell(cell);
  };
  const rows = FAULT_KINDS.map((kind) =>
    [`\`${kind}\``].concat(patterns.map((pattern) => textOf(kind, pattern))),
  );
  const all = [['fault', ...patterns], ...rows];
  const widths =
    all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = all;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...body.map(line)].join('\n');
}

describe('docs/faults.md', () => {
  it('says what every fault does to every pattern, with no cell empty', async () => {
    const text = `# Faults

What happens to a team of each pattern when its models or their service do something wrong. Written by
\`test/faults/fault-table.test.ts\`, which runs every cell on a virtual clock; \`vitest run test/faults -u\` writes it again.

A fault that comes as an error fails the run with an \`ExecutorError\` whose cause has the code that is shown; the clients of services try
again before that. Every other fault is survived, or ends in the error that is shown. "Cannot come" is where no request wants what the fault
spoils, such as JSON.

## Once

One request meets the fault, each in turn; how many of these runs ended how.

${table(describeOnce)}

## Always

Every request meets the fault; how the run ends, and after how many requests.

${table(describeAlways)}
`;

    expect(text).not.toMatch(/\| +\|/);
    await expect(text).toMatchFileSnapshot(join(documents, 'faults.md'));
  });
});
