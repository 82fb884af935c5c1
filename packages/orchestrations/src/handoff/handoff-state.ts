import { ConfigurationError } from '@colloquy/core';

import { type ChatState, EMPTY_CHAT, isChatState } from '../group-chat/chat-state.ts';
import { describeValue } from '../shared/describe-value.ts';
import { isRecord } from '../shared/is-record.ts';

/** One conversation as its orchestrator knows it: plain JSON, replaced as a whole at every step. */
export interface HandoffState {
  /** The transcript, and how much of it each participant has been given. */
  readonly chat: ChatState;
  /** Who has the conversation: who replied last, or was handed it. */
  readonly holder: string | undefined;
  /** The run in which `chat.awaited` was asked. */
  readonly askedInRun: string | undefined;
  /** Handoffs since the user spoke. */
  readonly handoffs: number;
  /** Turns that the holder has taken on its own since the user spoke or it was handed the conversation. */
  readonly autonomousTurns: number;
}

/** A conversation in which nothing was said. */
export const NO_CONVERSATION: HandoffState = {
  chat: EMPTY_CHAT,
  holder: undefined,
  askedInRun: undefined,
  handoffs: 0,
  autonomousTurns: 0,
};

/** A checkpoint of a handoff's orchestrator. */
export interface SavedHandoff {
  readonly state: HandoffState;
  /** What the termination condition remembers. */
  readonly until: unknown;
}

/**
 * Reads a checkpoint of a handoff's orchestrator.
 *
 * @throws {ConfigurationError} `handoff/invalid-checkpoint` when it is something else.
 */
export function parseSavedHandoff(saved: unknown): SavedHandoff {
  if (isRecord(saved) && isHandoffState(saved['state']))
    return { state: saved['state'], until: saved['until'] };
  throw new ConfigurationError(`Expected the state of a handoff, got ${describeValue(saved)}.`, {
    code: 'handoff/invalid-checkpoint',
  });
}

function isHandoffState(value: unknown): value is HandoffState {
  return (
    isRecord(value) &&
    isChatState(value['chat']) &&
    ['string', 'undefined'].includes(typeof value['holder']) &&
    ['string', 'undefined'].includes(typeof value['askedInRun']) &&
    Number.isInteger(value['handoffs']) &&
    Number.isInteger(value['autonomousTurns'])
  );
}
