import { type ResetContext, type WorkflowContext } from '@colloquy/core';

import {
  BaseGroupChatOrchestrator,
  type GroupChatOrchestratorOptions,
} from './base-orchestrator.ts';
import { type GroupChatView, type NextSpeaker } from './group-chat-view.ts';

/**
 * Names who speaks next, or `null` to end the chat; may be asynchronous.
 *
 * A selector that remembers something carries a `reset`, which is called when the workflow is reset.
 */
export interface SpeakerSelector {
  (
    view: GroupChatView,
    context: WorkflowContext,
  ): string | null | undefined | Promise<string | null | undefined>;
  readonly reset?: () => void | Promise<void>;
  /** Another that remembers nothing, for another instance; without it a chat whose selector has a `reset` cannot be forked. */
  readonly fork?: () => SpeakerSelector;
  /** What it remembers, for a checkpoint. */
  readonly onCheckpointSave?: () => unknown;
  /** Takes over what `onCheckpointSave` gave. */
  readonly onCheckpointRestore?: (state: unknown) => void;
}

/**
 * Lets everybody speak in turn, in declared order, but for those who may not speak now; a second run goes on where the
 * first ended.
 */
export function roundRobin(): SpeakerSelector {
  return ({ participants, candidates, lastSpeaker }) => {
    const names = participants.map(({ name }) => name);
    const next = lastSpeaker === undefined ? 0 : names.indexOf(lastSpeaker) + 1;
    const inTurn = [...names.slice(next), ...names.slice(0, next)];
    return inTurn.find((name) => candidates.some((candidate) => candidate.name === name));
  };
}

/** Lets a function choose the next speaker. */
export class FunctionOrchestrator extends BaseGroupChatOrchestrator {
  readonly #selectSpeaker: SpeakerSelector;

  constructor(selectSpeaker: SpeakerSelector, options: GroupChatOrchestratorOptions) {
    super(options);
    this.#selectSpeaker = selectSpeaker;
  }

  protected override nextSpeaker(
    view: GroupChatView,
    context: WorkflowContext,
  ): NextSpeaker | Promise<NextSpeaker> {
    return this.#selectSpeaker(view, context);
  }

  protected override _resetPatternState(_context?: ResetContext): void | Promise<void> {
    return this.#selectSpeaker.reset?.();
  }

  protected override savePatternState(): unknown {
    return this.#selectSpeaker.onCheckpointSave?.();
  }

  protected override restorePatternState(state: unknown): void {
    this.#selectSpeaker.onCheckpointRestore?.(state);
  }
}
