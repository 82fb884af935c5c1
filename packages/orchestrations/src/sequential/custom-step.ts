import {
  AgentExecutorResponse,
  Executor,
  type Handler,
  isMessage,
  type Message,
  on,
  visibleMessages,
  type WorkflowContext,
} from '@colloquy/core';

import { GroupChatReply, GroupChatRequest } from '../group-chat/group-chat-messages.ts';
import { responseOf } from '../shared/conversation.ts';
import { messagesSchema } from '../shared/guard-schema.ts';
import { isRecord } from '../shared/is-record.ts';

/**
 * Lets an executor that is no agent be a step: asks it with `GroupChatRequest` and passes its `GroupChatReply` on.
 *
 * Owns the conversation that the executor is asked about.
 */
export class CustomStep extends Executor {
  readonly handlers: readonly Handler[] = [
    on(messagesSchema, (messages, context) => this.#ask(messages, messages, context)),
    on(AgentExecutorResponse, ({ response, conversation }, context) =>
      this.#ask(visibleMessages(response.messages), conversation, context),
    ),
    on(GroupChatReply, ({ messages }, context) => this.#passOn(messages, context)),
  ];
  readonly #participant: string;
  readonly #round: number;
  #conversation: readonly Message[] = [];

  /** @param round - Which step it is, counted from 0. */
  constructor(participant: string, round: number) {
    super(`step_${participant}`);
    this.#participant = participant;
    this.#round = round;
  }

  override reset(): void {
    this.#conversation = [];
  }

  override onCheckpointSave(): unknown {
    return { conversation: this.#conversation };
  }

  override onCheckpointRestore(saved: unknown): void {
    const conversation: unknown = isRecord(saved) ? saved['conversation'] : undefined;
    this.#conversation = Array.isArray(conversation) ? conversation.filter(isMessage) : [];
  }

  #ask(
    messages: readonly Message[],
    conversation: readonly Message[],
    context: WorkflowContext,
  ): void {
    this.#conversation = conversation;
    const participant = this.#participant;
    const round = this.#round;
    context.send(GroupChatRequest({ participant, round, messages, conversation }), {
      target: participant,
    });
  }

  #passOn(messages: readonly Message[], context: WorkflowContext): AgentExecutorResponse {
    const said = visibleMessages(messages, this.#participant);
    const response = responseOf(this.#participant, said);
    context.yield(response);
    const conversation = [...this.#conversation, ...said];
    this.#conversation = [];
    return AgentExecutorResponse({ executorId: this.#participant, response, conversation });
  }
}
