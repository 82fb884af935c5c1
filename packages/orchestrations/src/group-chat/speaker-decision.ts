import { type StandardSchema } from '@colloquy/core';

import { isRecord } from '../shared/is-record.ts';
import { jsonObjectsIn } from '../shared/json-objects.ts';
import { type GroupChatView } from './group-chat-view.ts';

/** What an orchestrator agent answers; the names are those that models are asked in. */
export interface WireDecision {
  readonly terminate: boolean;
  readonly reason: string;
  readonly next_speaker: string | null;
  readonly final_message: string | null;
}

/** The form of a `WireDecision`; every field is required, as strict structured output wants it. */
const DECISION_FORM = {
  type: 'object',
  properties: {
    terminate: { type: 'boolean', description: 'Whether the conversation is over' },
    reason: { type: 'string', description: 'Why, in one sentence' },
    next_speaker: {
      type: ['string', 'null'],
      description: 'Who speaks next; null when the conversation is over',
    },
    final_message: {
      type: ['string', 'null'],
      description: 'The last word when the conversation is over, or null',
    },
  },
  required: ['terminate', 'reason', 'next_speaker', 'final_message'],
  additionalProperties: false,
};

/** Asks models for a `WireDecision`. */
export const speakerDecisionSchema: StandardSchema<WireDecision> = {
  '~standard': {
    version: 1,
    vendor: 'colloquy',
    validate: (value) =>
      isWireDecision(value) ? { value } : { issues: [{ message: 'expected a decision' }] },
    jsonSchema: { input: () => DECISION_FORM, output: () => DECISION_FORM },
  },
};

function isWireDecision(value: unknown): value is WireDecision {
  return (
    isRecord(value) &&
    typeof value['terminate'] === 'boolean' &&
    typeof value['reason'] === 'string' &&
    isTextOrNull(value['next_speaker']) &&
    isTextOrNull(value['final_message'])
  );
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

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
    const decision = readDecision(candidate);
    if (!('problem' in decision)) return decision;
    ({ problem } = decision);
  }
  return { problem };
}

/** Accepts what models write for booleans, and what they leave out. */
function readDecision(value: unknown): SpeakerDecision | DecisionProblem {
  if (!isRecord(value)) return { problem: 'it is not a JSON object' };
  const terminate = readBoolean(value['terminate']);
  if (terminate === undefined) return { problem: 'terminate must be true or false' };
  for (const name of TEXTS)
    if (!isTextOrNull(value[name] ?? null)) return { problem: `${name} must be a text or null` };
  return {
    terminate,
    reason: textAt(value, 'reason') ?? '',
    nextSpeaker: textAt(value, 'next_speaker'),
    finalMessage: textAt(value, 'final_message'),
  };
}

const TEXTS = ['reason', 'next_speaker', 'final_message'] as const;

function textAt(value: Record<string, unknown>, name: string): string | undefined {
  const text = value[name];
  return typeof text === 'string' ? text : undefined;
}

const WRITTEN_TRUE: ReadonlySet<string> = new Set(['true', 'yes', 'y', 'on', '1']);
const WRITTEN_FALSE: ReadonlySet<string> = new Set(['false', 'no', 'n', 'off', '0']);

function readBoolean(value: unknown): boolean | undefined {
  if (typeof value !== 'string') return typeof value === 'boolean' ? value : undefined;
  const written = value.trim().toLowerCase();
  if (WRITTEN_TRUE.has(written)) return true;
  return WRITTEN_FALSE.has(written) ? false : undefined;
}

/** Asks for the decision. Security: names and descriptions are the developer's, not a model's or a user's. */
export function decisionPrompt({ candidates }: GroupChatView): string {
  const names = candidates.map(({ name, description }) =>
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
export function repairPrompt(problem: string, { candidates }: GroupChatView): string {
  const names = candidates.map(({ name }) => name).join(', ');
  return `Your last answer cannot be used: ${problem}. Answer again with the JSON object alone; next_speaker must be one of: ${names}; or set terminate to true.`;
}
