import { type Prepared, type Subject } from './subject.ts';

/** One line of the tables: what is run, and by how much its time is divided. */
export interface Row {
  /** `B1`, `B2` … */
  readonly section: string;
  readonly label: string;
  /** Of what the times are told. */
  readonly unit: string;
  /** How many units one run has. */
  readonly units: number;
  /** What a run has to give. */
  readonly expected: unknown;
  readonly prepare: (subject: Subject) => Prepared;
}

/** What the sections measure. */
export const TITLES: Readonly<Record<string, string>> = {
  B1: 'A chain of nodes',
  B2: 'Two nodes in a loop',
  B3: 'Fan-out and fan-in',
  B4: 'The loop with every event read',
  B5: 'Checkpoints',
  B6: 'A group chat of four agents with an instant model',
  B7: '1,000 concurrent runs of a chain of 10',
  B8: 'Import, bundles and packages',
  B9: 'Reset',
  B10: 'Magentic, 100 rounds',
};

const WAIT_MS = 10;
const TURNS = 40;

/** The cases that every subject does the same way, in one process. */
export const ROWS: readonly Row[] = [
  ...[10, 100, 1000].map((length) =>
    row(`B1 chain of ${length}`, ['node', length], ({ chain }) => chain?.(length)),
  ),
  ...[1000, 10_000].map((steps) =>
    row(`B2 ${steps} supersteps`, ['superstep', steps], ({ loop }) => loop?.(steps)),
  ),
  row('B2 10000 supersteps, events on', ['superstep', 10_000], ({ unreadLoop }) =>
    unreadLoop?.(10_000),
  ),
  ...[100, 1000].map((width) =>
    row(`B3 ${width} wide`, ['message', width], ({ fanOut }) => fanOut?.(width, 0)),
  ),
  ...[100, 1000].map((width) => waitingRow(width)),
  ...[1000, 10_000].map((steps) =>
    row(`B4 ${steps} supersteps, events read`, ['superstep', steps], ({ streamedLoop }) =>
      streamedLoop?.(steps),
    ),
  ),
  row(`B6 ${TURNS} turns`, ['turn', TURNS], ({ groupChat }) => groupChat?.(TURNS)),
];

/** A row whose result is how many units it has. */
function row(name: string, [unit, units]: [string, number], prepare: Row['prepare']): Row {
  const [section = '', ...label] = name.split(' ');
  return { section, label: label.join(' '), unit, units, expected: units, prepare };
}

/** A fan-out whose time is told whole, since nearly all of it is waited. */
function waitingRow(width: number): Row {
  const prepare = ({ fanOut }: Subject): Prepared => fanOut?.(width, WAIT_MS);
  const label = `${width} wide, ${WAIT_MS} ms each`;
  return { section: 'B3', label, unit: 'run', units: 1, expected: width, prepare };
}
