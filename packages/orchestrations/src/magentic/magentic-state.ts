import { ConfigurationError, type Message } from '@colloquy/core';

import { type ChatState, EMPTY_CHAT, isChatState } from '../group-chat/chat-state.ts';
import { describeValue } from '../shared/describe-value.ts';
import { isMessageList } from '../shared/guard-schema.ts';
import { isRecord } from '../shared/is-record.ts';
import { type ProgressLedger, type TaskLedger } from './ledgers.ts';

/** Where a team stands with its task. */
export type MagenticPhase =
  /** No task. */
  | 'idle'
  /** A human looks at the plan. */
  | 'reviewing'
  /** A human looks at a stall. */
  | 'stalled'
  | 'working'
  | 'done';

/** One task as its orchestrator knows it: plain JSON, replaced as a whole at every step. */
export interface MagenticState {
  readonly phase: MagenticPhase;
  /** What the task was given with; the last message is the task. */
  readonly input: readonly Message[];
  readonly task: string;
  readonly ledger: TaskLedger | undefined;
  /** How many plans there have been. */
  readonly version: number;
  /** What the manager knows: the input, the task ledger, what was instructed and answered. */
  readonly transcript: readonly Message[];
  /** What participants are told: replies, and the task ledger where it is shared. */
  readonly chat: ChatState;
  readonly progress: ProgressLedger | undefined;
  readonly round: number;
  readonly stallCount: number;
  readonly replanCount: number;
  readonly managerCalls: number;
}

/** No task. */
export const NO_TASK: MagenticState = {
  phase: 'idle',
  input: [],
  task: '',
  ledger: undefined,
  version: 0,
  transcript: [],
  chat: EMPTY_CHAT,
  progress: undefined,
  round: 0,
  stallCount: 0,
  replanCount: 0,
  managerCalls: 0,
};

/** A checkpoint of a team's orchestrator. */
export interface SavedMagentic {
  readonly state: MagenticState;
  /** What the termination condition remembers. */
  readonly until: unknown;
  /** What the manager remembers. */
  readonly manager: unknown;
}

/**
 * Reads a checkpoint of a team's orchestrator.
 *
 * @throws {ConfigurationError} `magentic/invalid-checkpoint` when it is something else.
 */
export function parseSavedMagentic(saved: unknown): SavedMagentic {
  if (isRecord(saved) && isMagenticState(saved['state']))
    return { state: saved['state'], until: saved['until'], manager: saved['manager'] };
  throw new ConfigurationError(
    `Expected the state of a Magentic team, got ${describeValue(saved)}.`,
    { code: 'magentic/invalid-checkpoint' },
  );
}

function isMagenticState(value: unknown): value is MagenticState {
  return (
    isRecord(value) &&
    typeof value['phase'] === 'string' &&
    typeof value['task'] === 'string' &&
    isMessageList(value['input']) &&
    isMessageList(value['transcript']) &&
    ['version', 'round', 'stallCount', 'replanCount', 'managerCalls'].every((key) =>
      Number.isInteger(value[key]),
    ) &&
    isChatState(value['chat'])
  );
}
