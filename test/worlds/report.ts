/** The report on an evaluation: tables and plots from the outcomes, and what they can and cannot show. */
import { ERROR_RATE } from './manager.ts';
import { type Plot } from './plot.ts';
import { type Outcome } from './run-world.ts';
import { compare, type Share, spreadOf, wilson } from './statistics.ts';
import { MAX_TURNS, STRATEGIES, type StrategyName } from './strategies.ts';
import { CONDITIONS, type Condition, type Result } from './trials.ts';

/** The strategy that the others are compared with. */
const REFERENCE: StrategyName = 'Magentic';
const DEAD_END = 'dead end';

/** How many seeds `endingsOf` looks at. */
export const SAMPLE = 3;

/** How the first runs of every strategy and world ended, a letter each: tells whether a report is of this code. */
export function endingsOf(results: readonly Result[]): string {
  const letters = results.map(({ outcomes }) =>
    outcomes
      .slice(0, SAMPLE)
      .map(({ ending }) => ending[0])
      .join(''),
  );
  return letters.join(' ');
}

/** The plots of a report, by file name. */
export function plotsOf(results: readonly Result[]): Readonly<Record<string, Plot>> {
  const groupsBy = (
    barOf: (outcomes: readonly Outcome[]) => Plot['groups'][number]['bars'][number],
  ) =>
    CONDITIONS.map((condition) => ({
      name: condition.label,
      bars: STRATEGIES.map((strategy) => barOf(outcomesOf(results, condition, strategy))),
    }));
  const shareBar = ({ share, low, high }: Share) => ({
    value: share * 100,
    low: low * 100,
    high: high * 100,
  });
  const spreadBar = (valueOf: (outcome: Outcome) => number) => (outcomes: readonly Outcome[]) => {
    const { low, median, high } = spreadOf(outcomes.map(valueOf));
    return { value: median, low, high };
  };
  const deadEnd = CONDITIONS.filter(({ label }) => label === DEAD_END);
  return {
    success: {
      title: 'Right answers, with Wilson intervals (95 %)',
      unit: ' %',
      max: 100,
      series: STRATEGIES,
      groups: groupsBy((outcomes) => shareBar(rightOf(outcomes))),
    },
    'model-calls': {
      title: 'Model calls a run: median and middle half',
      unit: '',
      series: STRATEGIES,
      groups: groupsBy(spreadBar(({ modelCalls }) => modelCalls)),
    },
    'delivered-characters': {
      title: 'Thousands of characters delivered to models a run: median and middle half',
      unit: ' k',
      series: STRATEGIES,
      groups: groupsBy(spreadBar(({ deliveredCharacters }) => deliveredCharacters / 1000)),
    },
    recovery: {
      title: 'Right answers after the team has met the dead end, with Wilson intervals (95 %)',
      unit: ' %',
      max: 100,
      series: STRATEGIES,
      groups: deadEnd.map((condition) => ({
        name: condition.label,
        bars: STRATEGIES.map((strategy) =>
          shareBar(recoveredOf(outcomesOf(results, condition, strategy))),
        ),
      })),
    },
  };
}

/** The report as Markdown. */
export function reportOf(results: readonly Result[], seeds: number): string {
  return `# Evaluation in simulated worlds

Written by \`pnpm evaluate\` (${seeds} seeds for each world and strategy, ${results.length * seeds} runs). **No language model took part.**
Participants, selectors and managers are rules with seeded chance, in \`test/worlds\`.

<!-- The first ${SAMPLE} seeds of every world and strategy ended: ${endingsOf(results)}. -->

${WHAT_IT_SHOWS}
## Success

The share of runs whose last word is the right answer, with its 95 % Wilson interval.

![Right answers](evaluation/success.svg)

${table((outcomes) => shareText(rightOf(outcomes)), results)}

Wrong last words; the rest ended without any, at the limit of ${MAX_TURNS} turns.

${table((outcomes) => shareText(wrongOf(outcomes)), results)}

## ${REFERENCE} against the others, by seed

On how many seeds only ${REFERENCE} was right, and on how many only the other; in brackets ${REFERENCE}'s share of these with its Wilson
interval. A share whose interval is above 50 % speaks for ${REFERENCE}, one below for the other.

${pairedTable(results)}

## Cost

Model calls a run, of participants and of who leads them: median, and the middle half of the runs.

![Model calls](evaluation/model-calls.svg)

${table((outcomes) => spreadText(outcomes.map(({ modelCalls }) => modelCalls)), results)}

Characters of the messages that models were sent.

![Delivered characters](evaluation/delivered-characters.svg)

${table((outcomes) => spreadText(outcomes.map(({ deliveredCharacters }) => deliveredCharacters)), results)}

## Recovery

In the dead end: runs in which somebody looked for a step that nobody can find, how many of these came to a right answer all the same, and
the plans that were made anew.

![Recovery](evaluation/recovery.svg)

${recoveryTable(results)}
`;
}

const WHAT_IT_SHOWS = `## What this shows, and what it does not

It shows that the mechanisms do what they are for, on a problem that is small enough to see through: whether a stalled team gets out of a
dead end depends on a manager that notices it and still knows what failed; what a team costs in calls and characters; and that nothing of a
conversation is left after a reset.

It does not show how well any of this works with real models. Who decides here are rules that we wrote, so a large difference means
that a rule can or cannot do something, not that a model does it so often. The sizes of the differences, and the order of strategies that are close, mean
nothing beyond these worlds. In particular:

- The selectors have no plan and no memory of what failed, because we gave them none; a real model could notice a dead end without a ledger.
- The handoff mesh gets out of the dead end because its members take up whatever step is open, and it runs in circles in the loop trap because
  they trust whoever sends them on. Both are choices of ours.
- \`Magentic, wipes before it replans\` shows a fault of a manager that is asked what went wrong after the conversation was dropped; the
  library asks first.
- Speaking costs one call, whatever is said. Characters stand for tokens, and there are no prices.

What keeps it from being circular: those who decide see the task, names, descriptions and messages, and nothing else of a world (\`reading.ts\`
is their only sense). Which step is closed, who only distracts, who is a trap and who is right is known to the world alone. All strategies
have the same worlds, the same participants and the same sources of chance for a seed. A mind that leads by model (agent selector, Magentic)
names just anybody, or misjudges progress, in ${ERROR_RATE * 100} % of its decisions; the function selector makes no such errors, as code does not.

## Worlds

| world                 | what is in it                                                                                                                      |
| --------------------- | ---------------------------------------------------------------------------------------------------------------------------------- |
| key chain             | six steps, each known to one of three participants, who finds its value with a chance of 70 %                                        |
| dead end              | two routes; a step of the first cannot be found by anybody, and nothing says so                                                     |
| distractor            | the key chain, with three more who describe themselves as experts and always answer with nothing                                    |
| loop trap             | two who claim a topic and send each other; who really knows it does not say so                                                      |
| second task, reset    | the key chain twice with other values and the same words, a reset in between; only the second counts, and an old value is wrong     |
| second task, no reset | the same without the reset, to show that an old value would be found out                                                            |

`;

function outcomesOf(
  results: readonly Result[],
  condition: Condition,
  strategy: StrategyName,
): readonly Outcome[] {
  const found = results.find(
    (result) => result.condition === condition && result.strategy === strategy,
  );
  return found?.outcomes ?? [];
}

const isRight = ({ ending }: Outcome): boolean => ending === 'right';

function rightOf(outcomes: readonly Outcome[]): Share {
  return wilson(outcomes.filter(isRight).length, outcomes.length);
}

function wrongOf(outcomes: readonly Outcome[]): Share {
  return wilson(outcomes.filter(({ ending }) => ending === 'wrong').length, outcomes.length);
}

function recoveredOf(outcomes: readonly Outcome[]): Share {
  return rightOf(outcomes.filter(({ hasHitDeadEnd }) => hasHitDeadEnd));
}

const percent = (share: number): string => (share * 100).toFixed(1);

function shareText({ share, low, high }: Share): string {
  return `${percent(share)} % (${percent(low)}–${percent(high)})`;
}

function spreadText(values: readonly number[]): string {
  const { low, median, high } = spreadOf(values);
  return `${median} (${low}–${high})`;
}

function table(
  cellOf: (outcomes: readonly Outcome[]) => string,
  results: readonly Result[],
): string {
  const rows = STRATEGIES.map((strategy) =>
    [strategy as string].concat(
      CONDITIONS.map((condition) => cellOf(outcomesOf(results, condition, strategy))),
    ),
  );
  return markdown([['strategy', ...CONDITIONS.map(({ label }) => label)], ...rows]);
}

function pairedTable(results: readonly Result[]): string {
  const others = STRATEGIES.filter((strategy) => strategy !== REFERENCE);
  const cell = (condition: Condition, strategy: StrategyName): string => {
    const reference = outcomesOf(results, condition, REFERENCE).map(isRight);
    const other = outcomesOf(results, condition, strategy).map(isRight);
    const { onlyFirst, onlySecond, shareOfFirst } = compare(reference, other);
    if (onlyFirst + onlySecond === 0) return 'the same';
    return `${onlyFirst} : ${onlySecond} (${shareText(shareOfFirst)})`;
  };
  const rows = others.map((strategy) =>
    [strategy as string].concat(CONDITIONS.map((condition) => cell(condition, strategy))),
  );
  return markdown([['other', ...CONDITIONS.map(({ label }) => label)], ...rows]);
}

function recoveryTable(results: readonly Result[]): string {
  const condition = CONDITIONS.find(({ label }) => label === DEAD_END);
  const rows = STRATEGIES.map((strategy) => {
    const outcomes = condition === undefined ? [] : outcomesOf(results, condition, strategy);
    const recovered = recoveredOf(outcomes);
    const replans = spreadText(outcomes.map((outcome) => outcome.replans));
    return [strategy, String(recovered.total), shareText(recovered), replans];
  });
  return markdown([['strategy', 'met the dead end', 'recovered', 'replans'], ...rows]);
}

/** As the formatter aligns it. */
function markdown([head = [], ...body]: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...body].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...body.map(line)].join('\n');
}
