import {
  defineEvent,
  defineRequest,
  type EventType,
  type RequestType,
  type StandardSchema,
  type Tagged,
} from '@colloquy/core';
import * as z from 'zod';

/** Who has handed the conversation to whom. */
export interface HandoffEventPayload {
  readonly source: string;
  readonly target: string;
}

/** Tells of a handoff; one whose target is not asked, because the run ends with it, is not told. */
export const HandoffEvent: EventType<HandoffEvent, [payload: HandoffEventPayload]> = defineEvent(
  'handoff_sent',
  z.object({ source: z.string(), target: z.string() }),
);
export type HandoffEvent = Tagged<'handoff_sent', HandoffEventPayload>;

/** A participant's reply that waits for the user. */
export interface UserTurnRequest {
  /** Who has replied, and reads the answer. */
  readonly participant: string;
  /** The reply; empty where it has no text. */
  readonly text: string;
}

/** What the user says, or that nothing more is wanted. */
export type UserTurnAnswer = { readonly text: string } | { readonly end: true };

const userTurnAnswer: StandardSchema<unknown, UserTurnAnswer> = z.union([
  z.strictObject({ text: z.string().min(1) }),
  z.strictObject({ end: z.literal(true) }),
]);

/** Asks the user for the next turn. */
export const UserTurn: RequestType<UserTurnRequest, UserTurnAnswer> = defineRequest('user_turn', {
  request: z.object({ participant: z.string(), text: z.string() }),
  response: userTurnAnswer,
});
