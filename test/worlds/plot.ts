/** A bar with the interval around it. */
export interface Bar {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Bars in groups: one group a world, in it one bar a strategy. */
export interface Plot {
  readonly title: string;
  /** What the axis counts. */
  readonly unit: string;
  readonly series: readonly string[];
  readonly groups: readonly {
    readonly name: string;
    readonly bars: readonly (Bar | undefined)[];
  }[];
  /** The end of the axis; without it the highest bar's. */
  readonly max?: number;
}

const WIDTH = 960;
const LEFT = 60;
const TOP = 40;
const HEIGHT = 260;
const LEGEND_LINE = 18;
const LEGEND_COLUMNS = 3;
/** Told apart by people who see few colours, and on dark pages (after Okabe and Ito). */
const COLORS = [
  '#999999',
  '#56b4e9',
  '#009e73',
  '#e69f00',
  '#cc79a7',
  '#0072b2',
  '#d55e00',
  '#8c6d31',
];
const INK = '#777777';

/** The plot as SVG; the numbers are in the report's tables too. */
export function drawPlot(plot: Plot): string {
  const { title, unit, series, groups } = plot;
  const bars = groups.flatMap((group) => group.bars.flatMap((bar) => bar ?? []));
  const max = plot.max ?? niceMax(Math.max(1, ...bars.map(({ high }) => high)));
  const y = (value: number): number => TOP + HEIGHT * (1 - value / max);
  const groupWidth = (WIDTH - LEFT - 10) / groups.length;
  const rows = Math.ceil(series.length / LEGEND_COLUMNS);
  const height = TOP + HEIGHT + 40 + rows * LEGEND_LINE;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" role="img" aria-label="${escapeXml(title)}">`,
    text({ x: LEFT, y: 20, size: 15 }, title),
    ...ticksOf(max).flatMap((tick) => [
      `<line x1="${LEFT}" x2="${WIDTH - 10}" y1="${round(y(tick))}" y2="${round(y(tick))}" stroke="${INK}" stroke-opacity="0.3"/>`,
      text({ x: LEFT - 6, y: round(y(tick)) + 4, anchor: 'end' }, `${tick}${unit}`),
    ]),
    ...groups.flatMap((group, index) =>
      drawGroup(group, { x: LEFT + index * groupWidth, groupWidth, y }),
    ),
    ...series.flatMap((name, index) => legendOf(name, index)),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

interface GroupPlace {
  readonly x: number;
  readonly groupWidth: number;
  readonly y: (value: number) => number;
}

function drawGroup({ name, bars }: Plot['groups'][number], at: GroupPlace): string[] {
  const label = { x: at.x + at.groupWidth / 2, y: TOP + HEIGHT + 18, anchor: 'middle' };
  const drawn = bars.map((bar, place) =>
    drawBar(bar, { place, count: bars.length, x: at.x, groupWidth: at.groupWidth, y: at.y }),
  );
  return [text(label, name), ...drawn.flat()];
}

interface BarPlace extends GroupPlace {
  readonly place: number;
  readonly count: number;
}

function drawBar(bar: Bar | undefined, { place, count, x, groupWidth, y }: BarPlace): string[] {
  if (bar === undefined) return [];
  const width = (groupWidth * 0.86) / count;
  const left = round(x + groupWidth * 0.07 + place * width);
  const middle = round(left + width / 2);
  const top = round(y(bar.value));
  const [low, high] = [round(y(bar.low)), round(y(bar.high))];
  return [
    `<rect x="${left}" y="${top}" width="${round(width * 0.86)}" height="${round(TOP + HEIGHT - top)}" fill="${COLORS[place % COLORS.length]}"/>`,
    `<line x1="${middle}" x2="${middle}" y1="${low}" y2="${high}" stroke="${INK}" stroke-width="1.5"/>`,
  ];
}

function legendOf(name: string, index: number): string[] {
  const x = LEFT + (index % LEGEND_COLUMNS) * ((WIDTH - LEFT) / LEGEND_COLUMNS);
  const y = TOP + HEIGHT + 40 + Math.floor(index / LEGEND_COLUMNS) * LEGEND_LINE;
  const box = `<rect x="${round(x)}" y="${y}" width="12" height="12" fill="${COLORS[index % COLORS.length]}"/>`;
  return [box, text({ x: round(x + 18), y: y + 10 }, name)];
}

function text(
  { x, y, anchor = 'start', size = 12 }: { x: number; y: number; anchor?: string; size?: number },
  content: string,
): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" font-size="${size}" fill="${INK}">${escapeXml(content)}</text>`;
}

function ticksOf(max: number): number[] {
  return [0, 0.25, 0.5, 0.75, 1].map((part) => round(max * part));
}

/** The next number above that is easy to read. */
function niceMax(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 5, 8, 10].find((each) => each * power >= value) ?? 10;
  return step * power;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
