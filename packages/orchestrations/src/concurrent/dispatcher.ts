import { Executor, type Handler } from '@colloquy/core';

import { type ConversationInput, inputHandlers } from '../shared/conversation-input.ts';
import { BranchTask } from './branch-task.ts';

/** The executor's id. */
export const DISPATCHER = 'dispatcher';

/** Gives everybody the same input. Owns how many there have been; reset begins to count again. */
export class Dispatcher extends Executor {
  readonly handlers: readonly Handler<ConversationInput>[] = inputHandlers((messages, context) => {
    this.#round += 1;
    context.send(BranchTask({ round: this.#round, messages }));
  });
  #round = 0;

  constructor() {
    super(DISPATCHER);
  }

  override reset(): void {
    this.#round = 0;
  }

  override onCheckpointSave(): number {
    return this.#round;
  }

  override onCheckpointRestore(saved: unknown): void {
    this.#round = typeof saved === 'number' ? saved : 0;
  }
}
