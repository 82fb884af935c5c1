import { type Message, type StopReason } from '@colloquy/core';

/** What a selector sees; deep-frozen. */
export interface GroupChatView {
  /** Turns taken in this run; 0 before the first. */
  readonly round: number;
  /** Turns taken since the last reset. */
  readonly totalRounds: number;
  /** Who takes part, in declared order. */
  readonly participants: readonly GroupChatParticipant[];
  /** Those of them who may speak now, by `transitions` and `allowRepeat`; at least one. */
  readonly candidates: readonly GroupChatParticipant[];
  /** Everything said since the last reset. */
  readonly conversation: readonly Message[];
  /** Who spoke last in this conversation. */
  readonly lastSpeaker: string | undefined;
}

/** One who takes part. */
export interface GroupChatParticipant {
  readonly name: string;
  readonly description: string;
}

/** Ends the chat, with a message of the orchestrator's own where it has one. */
export interface FinishChat {
  readonly finish: StopReason;
  readonly message?: Message;
}

/** Whether an answer says how to end a chat; what code without types answers may be anything. */
export function isFinishChat(answer: unknown): answer is FinishChat {
  if (typeof answer !== 'object' || answer === null) return false;
  const finish: unknown = Reflect.get(answer, 'finish');
  return (
    typeof finish === 'object' && finish !== null && typeof Reflect.get(finish, 'code') === 'string'
  );
}

/** Who speaks next: a participant's name, `null` to end the chat, or how to end it. */
export type NextSpeaker = string | FinishChat | null | undefined;
