import { ConfigurationError, defineRequest, type RequestType } from '@colloquy/core';

import { describeValue } from '../shared/describe-value.ts';
import { guardSchema } from '../shared/guard-schema.ts';
import { isRecord } from '../shared/is-record.ts';
import { type Participant } from '../shared/participants.ts';

/** When a human is asked about a participant's turn. */
export interface HumanGateOptions {
  /** `before`: whether, and with what advice, it may reply. `after`: what becomes of its reply, before others see it. */
  readonly when: 'before' | 'after';
  /** Names of the agents whose turns are asked about; default: every agent's. */
  readonly participants?: readonly string[] | undefined;
}

/** A turn for a human to look at. */
export interface HumanGateRequest {
  readonly participant: string;
  /** The text of the reply that waits; absent before the turn. */
  readonly draft?: string | undefined;
}

/**
 * What a human says of a turn: let it be, reply (again) with this in mind, or let these be the participant's words.
 *
 * Feedback is read by the participant alone. Whoever is replaced before its turn is not run.
 */
export type HumanGateAnswer =
  | { readonly action: 'approve' }
  | { readonly action: 'feedback'; readonly text: string }
  | { readonly action: 'replace'; readonly text: string };

/** Asks about a participant's turn. */
export const HumanGate: RequestType<HumanGateRequest, HumanGateAnswer> = defineRequest(
  'human_gate',
  {
    request: guardSchema('{ participant, draft? }', isGateRequest),
    response: guardSchema(
      "{ action: 'approve' }, { action: 'feedback', text } or { action: 'replace', text }, where text is not empty",
      isGateAnswer,
    ),
    responseSchema: {
      oneOf: [
        {
          type: 'object',
          properties: { action: { const: 'approve' } },
          required: ['action'],
          additionalProperties: false,
        },
        {
          type: 'object',
          properties: {
            action: { enum: ['feedback', 'replace'] },
            text: { type: 'string', minLength: 1 },
          },
          required: ['action', 'text'],
          additionalProperties: false,
        },
      ],
    },
  },
);

function isGateRequest(value: unknown): value is HumanGateRequest {
  if (!isRecord(value) || typeof value['participant'] !== 'string') return false;
  return value['draft'] === undefined || typeof value['draft'] === 'string';
}

function isGateAnswer(value: unknown): value is HumanGateAnswer {
  if (!isRecord(value)) return false;
  const { action, text, ...rest } = value;
  if (Object.keys(rest).length > 0) return false;
  if (action === 'approve') return text === undefined;
  return (action === 'feedback' || action === 'replace') && typeof text === 'string' && text !== '';
}

/**
 * Whose turns a human is asked about.
 *
 * @throws {ConfigurationError} `human-gate/invalid-options` for anything but `before` or `after`, and for a name that is
 * no agent's among the participants.
 */
export function gatedNames(
  gate: HumanGateOptions | undefined,
  participants: readonly Participant[],
): ReadonlySet<string> {
  if (gate === undefined) return new Set();
  assertGate(gate);
  const agents = participants.filter(({ kind }) => kind === 'agent').map(({ name }) => name);
  const names = gate.participants ?? agents;
  const unknown = names.find((name) => !agents.includes(name));
  if (unknown === undefined && names.length > 0) return new Set(names);
  throw invalid(
    `Expected humanGate to be about at least one agent among the participants (${agents.join(', ') || 'there is none'}), got ${describeValue(unknown ?? names)}. Executors that are no agents ask people themselves, with context.request.`,
  );
}

function assertGate(gate: unknown): void {
  const when: unknown =
    typeof gate === 'object' && gate !== null ? Reflect.get(gate, 'when') : gate;
  const names: unknown =
    typeof gate === 'object' && gate !== null ? Reflect.get(gate, 'participants') : undefined;
  if (when !== 'before' && when !== 'after')
    throw invalid(
      `Expected humanGate to be { when: 'before' | 'after', participants? }, got ${describeValue(when)}.`,
    );
  if (names !== undefined && !Array.isArray(names))
    throw invalid(
      `Expected humanGate.participants to be a list of names, got ${describeValue(names)}. Leave it out to be asked about every agent.`,
    );
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError(message, { code: 'human-gate/invalid-options' });
}
