import { type Message } from '@colloquy/core';
import { type SeededRandom } from '@colloquy/testing';

import { type KnownStep, read, type Reading } from './reading.ts';
import { type Specialist, type Step, type World } from './world.ts';

/** What a participant says, and whom it would send the work to. */
export interface Utterance {
  readonly text: string;
  /** The topic of what is to be done next; `undefined` when nothing is. */
  readonly nextTopic: string | undefined;
  /** Whom it names itself. */
  readonly sendTo?: string;
  /** The step that it looked for in vain. */
  readonly failed?: string;
}

/**
 * What a participant says to what it has read.
 *
 * It knows its own topics and what it has read, nothing else of the world; which value a step has, and whether it is
 * found this time, is the world's.
 */
export function speak(
  { nature }: Specialist,
  messages: readonly Message[],
  { world, random }: { readonly world: World; readonly random: SeededRandom },
): Utterance {
  const reading = read(
    messages,
    world.specialists.map(({ name }) => name),
  );
  const answer = finished(reading);
  if (answer !== undefined) return { text: `ANSWER: ${answer}`, nextTopic: undefined };
  const open = openSteps(reading);
  const [first] = open;
  if (nature.kind === 'distractor')
    return {
      text: 'An interesting angle; we should think about it more.',
      nextTopic: first?.topic,
    };
  if (nature.kind === 'trap') {
    const mine = open.find(({ topic }) => topic === nature.topic);
    const { partner } = nature;
    if (mine !== undefined)
      return { text: `Step ${mine.id} is for ${partner}.`, nextTopic: mine.topic, sendTo: partner };
    return { text: 'There is nothing for me to do.', nextTopic: first?.topic };
  }
  const own = open.filter(({ topic }) => nature.topics.includes(topic));
  const chosen = own.find(({ id }) => id === reading.instructed) ?? leastFailed(own, reading);
  if (chosen === undefined)
    return { text: 'There is nothing for me to do.', nextTopic: first?.topic };
  return look(chosen, open, { world, random });
}

function look(
  { id, topic }: KnownStep,
  open: readonly KnownStep[],
  { world, random }: { readonly world: World; readonly random: SeededRandom },
): Utterance {
  const step = world.routes.flat().find((each) => each.id === id);
  const isFound = random.next() < world.skill;
  if (step === undefined || step.isClosed || !isFound) {
    const other = open.find((each) => each.id !== id);
    return {
      text: `I could not find step ${id}.`,
      nextTopic: other?.topic ?? topic,
      failed: id,
    };
  }
  const after = followerOf(step, world);
  const fact = `FACT ${id} = ${step.value}`;
  const text = after === undefined ? `${fact}\nANSWER: ${step.value}` : fact;
  return { text, nextTopic: after?.topic };
}

/** The tasks of all routes say what comes next. */
function followerOf(step: Step, { routes }: World): Step | undefined {
  const route = routes.find((steps) => steps.includes(step)) ?? [];
  return route[route.indexOf(step) + 1];
}

/** The steps that could be looked for: one a route. */
function openSteps(reading: Reading): KnownStep[] {
  return reading.routes.flatMap((route) => route.find(({ id }) => !reading.values.has(id)) ?? []);
}

function finished(reading: Reading): string | undefined {
  const lasts = reading.routes.map((route) => reading.values.get(route.at(-1)?.id ?? ''));
  return lasts.find((value) => value !== undefined);
}

function leastFailed(steps: readonly KnownStep[], { failures }: Reading): KnownStep | undefined {
  const count = ({ id }: KnownStep): number => failures.get(id) ?? 0;
  return steps.toSorted((one, other) => count(one) - count(other))[0];
}
