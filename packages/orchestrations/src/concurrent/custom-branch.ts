import { Executor, type Handler, on, visibleMessages } from '@colloquy/core';

import { GroupChatReply, GroupChatRequest } from '../group-chat/group-chat-messages.ts';
import { responseOf } from '../shared/conversation.ts';
import { messagesSchema } from '../shared/guard-schema.ts';
import { BranchResult } from './branch-result.ts';

/** Lets an executor that is no agent be a branch: asks it with `GroupChatRequest`, and passes on its `GroupChatReply`. */
export class CustomBranch extends Executor {
  override readonly stateless = true;
  readonly handlers: readonly Handler[];

  constructor(participant: string) {
    super(`branch_${participant}`);
    this.handlers = [
      on(messagesSchema, (messages, context) => {
        const request = { participant, round: 0, messages, conversation: messages };
        context.send(GroupChatRequest(request), { target: participant });
      }),
      on(GroupChatReply, ({ messages }) => {
        const said = visibleMessages(messages, participant);
        return BranchResult({ participant, response: responseOf(participant, said) });
      }),
    ];
  }
}
