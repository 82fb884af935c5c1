import {
  Executor,
  type Handler,
  isMessage,
  type Message,
  on,
  visibleMessages,
} from '@colloquy/core';
import * as z from 'zod';

import { GroupChatReply, GroupChatRequest } from '../group-chat/group-chat-messages.ts';
import { responseOf } from '../shared/conversation.ts';
import { BranchResult } from './branch-result.ts';

/** Lets an executor that is no agent be a branch: asks it with `GroupChatRequest`, and passes on its `GroupChatReply`. */
export class CustomBranch extends Executor {
  override readonly stateless = true;
  readonly handlers: readonly Handler[];

  constructor(participant: string) {
    super(`branch_${participant}`);
    this.handlers = [
      on(z.array(z.custom<Message>(isMessage)).readonly(), (messages, context) => {
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
