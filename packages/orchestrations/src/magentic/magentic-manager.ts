import {
  type AgentResponseUpdate,
  type Message,
  type ResetContext,
  type Usage,
} from '@colloquy/core';

import { type GroupChatParticipant } from '../group-chat/group-chat-view.ts';
import { type ProgressLedger, type TaskLedger } from './ledgers.ts';

/** What a manager is given each time it is asked. */
export interface MagenticContext {
  readonly task: string;
  readonly participants: readonly GroupChatParticipant[];
  /** The input, the task ledger, and everything instructed and answered since the plan was made; frozen messages. */
  readonly transcript: readonly Message[];
  /** `undefined` before the first plan. */
  readonly ledger: TaskLedger | undefined;
  /** Turns that participants have taken. */
  readonly round: number;
  readonly stallCount: number;
  readonly replanCount: number;
  readonly signal: AbortSignal;
  readonly runContext: unknown;
  /** For `AgentRunOptions.runPath` of the agents that a manager asks. */
  readonly runPath: string;
  /** Counts one call of a model, with the tokens it used; for limits and the run's usage. */
  readonly countCall: (usage: Usage) => void;
  /** Hears the final answer as it comes; absent where nobody does. */
  readonly onUpdate?: ((update: AgentResponseUpdate) => void) | undefined;
}

/**
 * Plans a task, follows its progress, and gives the answer.
 *
 * One that remembers something implements `reset` and the checkpoint hooks; what it is given is enough to remember nothing.
 */
export interface MagenticManager {
  /** Author of its instructions and answers; default `magentic_manager`. */
  readonly name?: string | undefined;
  plan(context: MagenticContext): Promise<TaskLedger>;
  /** Makes the plan anew after a human's feedback. */
  revisePlan(context: MagenticContext, feedback: string): Promise<TaskLedger>;
  /** Makes the plan anew after a stall; the transcript is dropped after it. */
  replan(context: MagenticContext): Promise<TaskLedger>;
  /** Rejects with `ProgressLedgerError` where there is none; any other error fails the run. */
  progress(context: MagenticContext): Promise<ProgressLedger>;
  finalAnswer(context: MagenticContext): Promise<Message>;
  reset?(context?: ResetContext): void | Promise<void>;
  /** What it remembers, for a checkpoint. */
  onCheckpointSave?(): unknown;
  /** Takes over what `onCheckpointSave` gave. */
  onCheckpointRestore?(state: unknown): void;
}
