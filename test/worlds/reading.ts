/** What can be read in messages. Whoever decides something in a world decides by this alone. */
import { type Message, textOf } from '@colloquy/core';

/** A step as a task tells of it. */
export interface KnownStep {
  readonly id: string;
  readonly route: string;
  readonly topic: string;
}

/** What messages say. */
export interface Reading {
  readonly routes: readonly (readonly KnownStep[])[];
  /** Values by step; the first that was told counts. */
  readonly values: ReadonlyMap<string, string>;
  /** How often a step was looked for in vain, as far as it is told or noted. */
  readonly failures: ReadonlyMap<string, number>;
  /** How often somebody said nothing of use, by name. */
  readonly useless: ReadonlyMap<string, number>;
  /** Who sent somebody on, by name. */
  readonly passed: ReadonlySet<string>;
  /** Whom the last message sends to. */
  readonly sentTo: string | undefined;
  /** What participants said, oldest first. */
  readonly said: readonly Message[];
  /** The route of the last plan. */
  readonly plan: string | undefined;
  /** Whom the last plan leaves out. */
  readonly avoided: readonly string[];
  /** The step of the last instruction. */
  readonly instructed: string | undefined;
}

/** Reads messages, of which those by `names` are the participants'. */
export function read(messages: readonly Message[], names: readonly string[]): Reading {
  const text = messages.map(textOf).join('\n');
  const said = messages.filter(({ authorName = '' }) => names.includes(authorName));
  const last = textOf(said.at(-1) ?? { contents: [] });
  const useless = countBy(said.filter(isUseless).map(({ authorName = '' }) => authorName));
  const passing = said.filter((message) => /is for \w+\./.test(textOf(message)));
  const noted = allOf(text, /PASSED: ([\w, ]*)/g).flatMap(([, list = '']) => list.split(', '));
  const plans = allOf(text, /PLAN: route (\w)(?:, without ([\w, ]+))?\./g);
  return {
    routes: routesIn(text),
    values: valuesIn(text),
    failures: failuresIn(text, said),
    useless,
    passed: new Set([
      ...passing.map(({ authorName = '' }) => authorName),
      ...noted.filter(Boolean),
    ]),
    sentTo: /is for (\w+)\./.exec(last)?.[1],
    said,
    plan: plans.at(-1)?.[1],
    avoided: plans.at(-1)?.[2]?.split(', ') ?? [],
    instructed: allOf(text, /Work on step (\w-\d)\./g).at(-1)?.[1],
  };
}

/** The step that comes next on a route; `undefined` when the route is done. */
export function nextStep(reading: Reading, route: readonly KnownStep[]): KnownStep | undefined {
  return route.find(({ id }) => !reading.values.has(id));
}

/** Says nothing that brings anybody on. */
export function isUseless(message: Message): boolean {
  return !textOf(message).includes('FACT ');
}

function routesIn(text: string): KnownStep[][] {
  const lines = new Map(
    allOf(text, /Route (\w): ([^\n]+)\./g).map(([, id, list]) => [id ?? '', list ?? '']),
  );
  return [...lines].map(([route, list]) =>
    allOf(list, /(\w-\d) needs (\w+)/g).map(([, id = '', topic = '']) => ({ id, route, topic })),
  );
}

function valuesIn(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const [, id = '', value = ''] of text.matchAll(/FACT (\w-\d) = (\w+)/g))
    if (!values.has(id)) values.set(id, value);
  return values;
}

/** What was noted when a plan was made, and what came since. */
function failuresIn(text: string, said: readonly Message[]): Map<string, number> {
  const vain = said.flatMap((message) => allOf(textOf(message), /could not find step (\w-\d)/g));
  const counts = countBy(vain.map(([, id = '']) => id));
  const noted = new Map(
    allOf(text, /NOTED: (\w-\d) failed (\d+)/g).map(([, id = '', count]) => [id, Number(count)]),
  );
  for (const [id, count] of noted) counts.set(id, (counts.get(id) ?? 0) + count);
  return counts;
}

function allOf(text: string, pattern: RegExp): RegExpExecArray[] {
  return [...text.matchAll(pattern)];
}

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
