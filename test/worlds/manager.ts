/** The simulated minds of those who lead: rules over what they have read, wrong now and then. */
import { type Message, textOf } from '@colloquy/core';
import { type RecordedRequest, type ScriptEntry, type SeededRandom } from '@colloquy/testing';

import { isUseless, type KnownStep, nextStep, read, type Reading } from './reading.ts';

/** What everybody is told of a participant. */
export interface Candidate {
  readonly name: string;
  readonly description: string;
}

/** A mind: whom it can choose, and where its errors come from. */
export interface Mind {
  readonly candidates: readonly Candidate[];
  readonly random: SeededRandom;
}

/** How often a mind names just anybody, or misjudges whether something was achieved. */
export const ERROR_RATE = 0.1;

/** How often a step is looked for in vain before a plan gives it up. */
const PATIENCE = 3;

/** Who should do a step: whose description has its topic, and who was of no use least often. */
export function candidateFor(
  step: KnownStep,
  reading: Reading,
  candidates: readonly Candidate[],
): string {
  const allowed = candidates.filter(({ name }) => !reading.avoided.includes(name));
  const fitting = allowed.filter(({ description }) => description.includes(step.topic));
  // Where nobody left says that they know it, anybody may.
  const pool = fitting.length > 0 ? fitting : allowed;
  const uselessness = ({ name }: Candidate): number => reading.useless.get(name) ?? 0;
  const [best] = pool.toSorted((one, other) => uselessness(one) - uselessness(other));
  return best?.name ?? candidates[0]?.name ?? '';
}

/** The next speaker of a chat, without a plan: the first route's next step, or whom the last one sends to. */
export function select(messages: readonly Message[], { candidates, random }: Mind): ScriptEntry {
  const names = candidates.map(({ name }) => name);
  const reading = read(messages, names);
  const chosen = chooseByTopic(reading, candidates);
  const isWrong = random.next() < ERROR_RATE;
  const next = isWrong ? (random.pick(names) ?? chosen) : chosen;
  return { terminate: false, reason: 'it is their turn', next_speaker: next, final_message: null };
}

/** The choice of `select`, without its errors. */
export function chooseByTopic(reading: Reading, candidates: readonly Candidate[]): string {
  const names = candidates.map(({ name }) => name);
  if (reading.sentTo !== undefined && names.includes(reading.sentTo)) return reading.sentTo;
  const step = nextStep(reading, reading.routes[0] ?? []);
  return step === undefined ? (names[0] ?? '') : candidateFor(step, reading, candidates);
}

/** Everything that a Magentic manager is asked. */
export function manage({ messages, output }: RecordedRequest, mind: Mind): ScriptEntry {
  const names = mind.candidates.map(({ name }) => name);
  const reading = read(messages, names);
  if (output !== undefined) return judge(reading, mind);
  const question = textOf(messages.at(-1) ?? { contents: [] });
  if (question.includes('has ended')) return conclude(reading);
  return question.includes('short plan') ? plan(reading) : facts(reading);
}

/** What is known, in words that can be read again. */
function facts({ values, failures, passed }: Reading): string {
  const known = [...values].map(([id, value]) => `FACT ${id} = ${value}`);
  const vain = [...failures].map(([id, count]) => `NOTED: ${id} failed ${count}`);
  return [...known, ...vain, `PASSED: ${[...passed].join(', ')}`].join('\n');
}

/** The first route of which no step was looked for too often; without those who only send others on. */
function plan(reading: Reading): string {
  const { routes, values, failures, passed } = reading;
  const isOpen = (steps: readonly KnownStep[]): boolean =>
    steps.every(({ id }) => values.has(id) || (failures.get(id) ?? 0) < PATIENCE);
  const route = routes.find(isOpen) ?? routes[0] ?? [];
  const without = passed.size === 0 ? '' : `, without ${[...passed].join(', ')}`;
  return `PLAN: route ${route[0]?.route ?? 'A'}${without}.`;
}

function conclude({ routes, values }: Reading): string {
  const found = routes.flatMap((route) => values.get(route.at(-1)?.id ?? '') ?? []);
  return found[0] === undefined ? 'I do not know.' : `ANSWER: ${found[0]}`;
}

/** A progress ledger. */
function judge(reading: Reading, { candidates, random }: Mind): ScriptEntry {
  const route =
    reading.routes.find(([first]) => first?.route === reading.plan) ?? reading.routes[0];
  const step = nextStep(reading, route ?? []);
  const isSatisfied = step === undefined;
  const last = reading.said.at(-1);
  const hasProgress = last === undefined || !isUseless(last);
  const isMisjudged = random.next() < ERROR_RATE;
  const chosen = step === undefined ? '' : candidateFor(step, reading, candidates);
  const isWrong = random.next() < ERROR_RATE;
  const anybody = random.pick(candidates)?.name ?? chosen;
  const item = (answer: boolean | string) => ({ reason: 'by what was said', answer });
  return {
    is_request_satisfied: item(isSatisfied),
    is_in_loop: item(isLoop(reading)),
    is_progress_being_made: item(hasProgress !== isMisjudged),
    next_speaker: item(isWrong || chosen === '' ? anybody : chosen),
    instruction_or_question: item(`Work on step ${step?.id ?? 'A-1'}.`),
  };
}

/** The last two only sent others on. */
function isLoop({ said }: Reading): boolean {
  const last = said.slice(-2);
  return last.length === 2 && last.every((message) => /is for \w+\./.test(textOf(message)));
}
