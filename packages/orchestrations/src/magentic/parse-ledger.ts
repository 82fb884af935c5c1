import { type StandardSchema } from '@colloquy/core';
import * as z from 'zod';

import { jsonObjectsIn } from '../shared/json-objects.ts';
import { matchName } from '../shared/participants.ts';
import { type ProgressLedger } from './ledgers.ts';

const item = <T extends z.ZodType>(answer: T, about: string) =>
  z.strictObject({
    reason: z.string().describe('Why, in one sentence'),
    answer: answer.describe(about),
  });

/** Asks models for a progress ledger in the paper's names; every field is required, as strict structured output wants it. */
export const progressLedgerSchema: StandardSchema = z.strictObject({
  is_request_satisfied: item(z.boolean(), 'Whether the task is done, with nothing left to do'),
  is_in_loop: item(z.boolean(), 'Whether the same requests and answers are being repeated'),
  is_progress_being_made: item(z.boolean(), 'Whether the work has come further lately'),
  next_speaker: item(z.string(), 'The name of the participant who goes on'),
  instruction_or_question: item(z.string(), 'What that participant is told or asked'),
});

/** The ledger's shape, for the prompt. */
export const PROGRESS_LEDGER_SHAPE = `{
  "is_request_satisfied": { "reason": text, "answer": true or false },
  "is_in_loop": { "reason": text, "answer": true or false },
  "is_progress_being_made": { "reason": text, "answer": true or false },
  "next_speaker": { "reason": text, "answer": a participant's name },
  "instruction_or_question": { "reason": text, "answer": text }
}`;

/** Accepts what models write for true and false; anything else is an error. */
const truth = z.union([
  z.boolean(),
  z.stringbool({ truthy: ['true', 'yes', '1'], falsy: ['false', 'no', '0'] }),
  z.literal([0, 1]).transform((value) => value === 1),
]);

const lenient = <T extends z.ZodType>(answer: T) =>
  z.union([
    z.object({ reason: z.string().nullish(), answer }),
    // Some leave the reasons out.
    answer.transform((value) => ({ reason: '', answer: value })),
  ]);

const lenientSchema = z.object({
  is_request_satisfied: lenient(truth),
  is_in_loop: lenient(truth),
  is_progress_being_made: lenient(truth),
  next_speaker: lenient(z.string()),
  instruction_or_question: lenient(z.string()),
});

/** An answer that is not usable, with what to tell the model. */
export interface LedgerProblem {
  readonly problem: string;
}

/** How much of an answer is looked at, from its end, in characters. */
const MAX_LENGTH = 1_000_000;

/**
 * Understands an answer that is a value of the schema, or text that holds one; the last object that is a ledger counts.
 *
 * @param names - The participants; a name that is none, with nothing left to be told from it, is a problem.
 */
export function parseLedger(
  value: unknown,
  text: string,
  names: readonly string[],
): ProgressLedger | LedgerProblem {
  const candidates = [value, ...jsonObjectsIn(text.slice(-MAX_LENGTH)).toReversed()];
  let problem = 'it holds no JSON object';
  for (const candidate of candidates) {
    if (candidate === undefined) continue;
    const parsed = lenientSchema.safeParse(candidate);
    if (parsed.success) return toLedger(parsed.data, names);
    problem = describeProblem(parsed.error);
  }
  return { problem };
}

function describeProblem({ issues }: z.ZodError): string {
  const fields = issues.map(({ path }) => path.join('.')).filter((path) => path !== '');
  return fields.length === 0
    ? 'it is no object'
    : `these fields are missing or of the wrong type: ${[...new Set(fields)].join(', ')}`;
}

function toLedger(
  data: z.infer<typeof lenientSchema>,
  names: readonly string[],
): ProgressLedger | LedgerProblem {
  const isDone = data.is_request_satisfied.answer;
  const named = data.next_speaker.answer;
  const speaker = matchName(named, names) ?? mentionedIn(named, names);
  if (speaker === undefined && !isDone)
    return { problem: `next_speaker is ${JSON.stringify(named)}, which is no participant` };
  const instruction = data.instruction_or_question.answer.trim();
  if (instruction === '' && !isDone) return { problem: 'instruction_or_question is empty' };
  return {
    isRequestSatisfied: itemOf(data.is_request_satisfied),
    isInLoop: itemOf(data.is_in_loop),
    isProgressBeingMade: itemOf(data.is_progress_being_made),
    nextSpeaker: { ...itemOf(data.next_speaker), answer: speaker ?? named },
    instructionOrQuestion: { ...itemOf(data.instruction_or_question), answer: instruction },
  };
}

function itemOf<T>({
  reason,
  answer,
}: {
  readonly reason?: string | null | undefined;
  readonly answer: T;
}) {
  return { reason: reason ?? '', answer };
}

/** The one participant whose name stands in an answer as words of its own. */
function mentionedIn(answer: string, names: readonly string[]): string | undefined {
  const words = ` ${toWords(answer)} `;
  const mentioned = names.filter((name) => words.includes(` ${toWords(name)} `));
  return mentioned.length === 1 ? mentioned[0] : undefined;
}

function toWords(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
