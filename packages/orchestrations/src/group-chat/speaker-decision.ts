import { type StandardSchema } from '@colloquy/core';
import * as z from 'zod';

import { jsonObjectsIn } from '../shared/json-objects.ts';
import { type GroupChatView } from './group-chat-view.ts';

/** What an orchestrator agent answers; the names are those that models are asked in. */
export interface WireDecision {
  readonly terminate: boolean;
  readonly reason: string;
  readonly next_speaker: string | null;
  readonly final_message: string | null;
}

/** Asks models for a `WireDecision`; every field is required, as strict structured output wants it. */
export const speakerDecisionSchema: StandardSchema<WireDecision> = z.strictObject({
  terminate: z.boolean().describe('Whether the conversation is over'),
  reason: z.string().describe('Why, in one sentence'),
  next_speaker: z
    .string()
    .nullable()
    .describe('Who speaks next; null when the conversation is over'),
  final_message: z
    .string()
    .nullable()
    .describe('The last word when the conversation is over, or null'),
});

/** The answer, as code reads it. */
export interface SpeakerDecision {
  readonly terminate: boolean;
  readonly reason: string;
  readonly nextSpeaker: string | undefined;
  readonly finalMessage: string | undefined;
}

/** An answer that is not usable, with what to tell the model. */
export interface DecisionProblem {
  readonly problem: string;
}

/** Understands an answer that is a value of the schema, or text that holds one; the last JSON object in it counts. */
export function parseDecision(value: unknown, text: string): SpeakerDecision | DecisionProblem {
  const candidates = [value, ...jsonObjectsIn(text).toReversed()];
  let problem = 'it is not a JSON object';
  for (const candidate of candidates) {
    if (candidate === undefined) continue;
    const parsed = lenientSchema.safeParse(candidate);
    if (parsed.success) return toDecision(parsed.data);
    problem = z.prettifyError(parsed.error);
  }
  return { problem };
}

/** Accepts what models write for booleans and leave out. */
const lenientSchema = z.object({
  terminate: z.union([z.boolean(), z.stringbool()]),
  reason: z.string().nullish(),
  next_speaker: z.string().nullish(),
  final_message: z.string().nullish(),
});

function toDecision(data: z.infer<typeof lenientSchema>): SpeakerDecision {
  return {
    terminate: data.terminate,
    reason: data.reason ?? '',
    nextSpeaker: data.next_speaker ?? undefined,
    finalMessage: data.final_message ?? undefined,
  };
}

/** Asks for the decision. Security: names and descriptions are the developer's, not a model's or a user's. */
export function decisionPrompt({ participants }: GroupChatView): string {
  const names = participants.map(({ name, description }) =>
    description === '' ? `- ${name}` : `- ${name}: ${description}`,
  );
  return [
    'Decide how this conversation goes on. Answer with one JSON object and nothing else:',
    '{ "terminate": true or false, "reason": "why, in one sentence", "next_speaker": "a name, or null", "final_message": "a last word, or null" }',
    'Set terminate to true once the task is done. Until then name exactly one of these in next_speaker, spelt as here:',
    ...names,
  ].join('\n');
}

/** Says what was wrong with an answer and asks again. */
export function repairPrompt(problem: string, { participants }: GroupChatView): string {
  const names = participants.map(({ name }) => name).join(', ');
  return `Your last answer cannot be used: ${problem}. Answer again with the JSON object alone; next_speaker must be one of: ${names}; or set terminate to true.`;
}
