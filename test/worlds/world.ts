import { seededRandom, type SeededRandom } from '@colloquy/testing';

/** The worlds that teams are put into. */
export const WORLD_NAMES = [
  'key chain',
  'dead end',
  'distractor',
  'loop trap',
  'contaminated conversation',
] as const;

export type WorldName = (typeof WORLD_NAMES)[number];

/** One step of a route: only who knows its topic can find its value, and only who has read the value before it. */
export interface Step {
  /** Such as `A-3`. */
  readonly id: string;
  readonly route: string;
  readonly topic: string;
  /** Hidden until it is found. */
  readonly value: string;
  /** Hidden: nobody can find it. */
  readonly isClosed: boolean;
}

/** How a participant behaves; hidden from everybody else. */
export type Nature =
  | { readonly kind: 'honest'; readonly topics: readonly string[] }
  /** Always answers, and never with anything. */
  | { readonly kind: 'distractor' }
  /** Sends whoever asks for a topic to its partner. */
  | { readonly kind: 'trap'; readonly topic: string; readonly partner: string };

/** A participant: what everybody is told of it, and what it is. */
export interface Specialist {
  readonly name: string;
  readonly description: string;
  readonly nature: Nature;
}

/** A task in a world. The text is all that a team is told. */
export interface World {
  readonly name: WorldName;
  readonly seed: number;
  readonly task: string;
  readonly routes: readonly (readonly Step[])[];
  readonly specialists: readonly Specialist[];
  /** The values that are right. */
  readonly answers: readonly string[];
  /** How likely an honest participant finds a value when it looks for it. */
  readonly skill: number;
}

const NAMES = ['ada', 'ben', 'cem', 'dot', 'eva', 'fay', 'gus', 'hal', 'ivy'];
const TOPICS = ['amber', 'basil', 'cobalt', 'dune', 'ember', 'fjord'];
const STEPS = 6;
const SKILL = 0.7;

/** Makes a world by a seed; `turn` tells apart tasks that differ in nothing but their values. */
export function createWorld(name: WorldName, seed: number, turn = 1): World {
  const random = seededRandom(seed, WORLD_NAMES.indexOf(name));
  const names = shuffled(NAMES, random);
  const topics = shuffled(TOPICS, random);
  const values = seededRandom(seed, WORLD_NAMES.indexOf(name), turn);
  const closedAt = name === 'dead end' ? 2 + random.below(2) : -1;
  const trapAt = name === 'loop trap' ? 1 + random.below(3) : -1;
  const route = (id: string, order: readonly string[], closed: number): Step[] =>
    Array.from({ length: STEPS }, (_, index) => ({
      id: `${id}-${index + 1}`,
      route: id,
      topic: order[index % order.length] ?? '',
      value: `v${1000 + values.below(9000)}`,
      isClosed: index === closed,
    }));
  const routes = [route('A', topics, closedAt)];
  if (name === 'dead end') routes.push(route('B', topics.toReversed(), -1));
  const specialists = specialistsOf(name, { names, topics, trapTopic: topics[trapAt] });
  return {
    name,
    seed,
    task: describeTask(routes),
    routes,
    specialists: shuffled(specialists, random),
    answers: routes.map((steps) => steps.at(-1)?.value ?? ''),
    skill: SKILL,
  };
}

interface Cast {
  readonly names: readonly string[];
  readonly topics: readonly string[];
  readonly trapTopic: string | undefined;
}

function specialistsOf(name: WorldName, { names, topics, trapTopic }: Cast): Specialist[] {
  const [first = '', second = '', third = '', ...others] = names;
  const honest = [first, second, third].map((each, index): Specialist => {
    const own = topics.slice(index * 2, index * 2 + 2);
    const told = own.filter((topic) => topic !== trapTopic);
    const description = `Knows ${told.join(' and ')}${told.length < own.length ? ', and more' : ''}.`;
    return { name: each, description, nature: { kind: 'honest', topics: own } };
  });
  const [fourth = '', fifth = '', sixth = ''] = others;
  if (name === 'distractor') {
    const three = [fourth, fifth, sixth].map((each, index): Specialist => ({
      name: each,
      description: `Knows ${topics[index * 2]} and everything around it.`,
      nature: { kind: 'distractor' },
    }));
    return [...honest, ...three];
  }
  if (trapTopic === undefined) return honest;
  const trap = (each: string, partner: string): Specialist => ({
    name: each,
    description: `Knows ${trapTopic}.`,
    nature: { kind: 'trap', topic: trapTopic, partner },
  });
  return [...honest, trap(fourth, fifth), trap(fifth, fourth)];
}

function describeTask(routes: readonly (readonly Step[])[]): string {
  const lines = routes.map((steps) => {
    const list = steps.map(({ id, topic }) => `${id} needs ${topic}`).join('; ');
    return `Route ${steps[0]?.route}: ${list}.`;
  });
  return `Find the value of the last step of a route, step by step; one route is enough.\n${lines.join('\n')}`;
}

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  const left = [...items];
  const order: T[] = [];
  while (left.length > 0) order.push(...left.splice(random.below(left.length), 1));
  return order;
}
