import { Executor, type Handler, on, visibleMessages } from '@colloquy/core';

import { GroupChatReply, GroupChatRequest } from '../group-chat/group-chat-messages.ts';
import { responseOf } from '../shared/conversation.ts';
import { BranchResult } from './branch-result.ts';
import { BranchTask } from './branch-task.ts';
import { closeRounds, NO_ROUNDS, openRound, type OpenRounds, parseRounds } from './open-rounds.ts';

/**
 * Lets an executor that is no agent be a branch: asks it with `GroupChatRequest`, and passes on its `GroupChatReply`.
 *
 * Owns which rounds it has not answered. A reply is for all of them, since it does not say for which.
 */
export class CustomBranch extends Executor {
  readonly handlers: readonly Handler[];
  #rounds = NO_ROUNDS;

  constructor(participant: string) {
    super(`branch_${participant}`);
    this.handlers = [
      on(BranchTask, ({ round, messages }, context) => {
        this.#rounds = openRound(this.#rounds, round);
        const request = { participant, round: 0, messages, conversation: messages };
        context.send(GroupChatRequest(request), { target: participant });
      }),
      on(GroupChatReply, ({ messages }) => {
        const said = visibleMessages(messages, participant);
        this.#rounds = closeRounds(this.#rounds, false);
        const { last: rounds } = this.#rounds;
        return BranchResult({ participant, rounds, response: responseOf(participant, said) });
      }),
    ];
  }

  override reset(): void {
    this.#rounds = NO_ROUNDS;
  }

  override onCheckpointSave(): OpenRounds {
    return this.#rounds;
  }

  override onCheckpointRestore(saved: unknown): void {
    this.#rounds = parseRounds(saved);
  }
}
