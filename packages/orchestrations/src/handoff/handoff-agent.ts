import {
  type Agent,
  type AgentLike,
  type AgentResponse,
  type AgentResponseUpdate,
  type AgentRunOptions,
  type AgentSession,
  type AgentStream,
  type FunctionApprovalRequestContent,
  type FunctionResultContent,
  type Message,
  type MessageInput,
} from '@colloquy/core';

import { deepFreeze } from '../shared/conversation.ts';
import { handoffResult, type HandoffTool } from './handoff-tools.ts';

/**
 * An agent that can hand the conversation over: it is lent the tools, and a call of one ends its turn.
 *
 * Invariants:
 * - A1: every handoff call has exactly one result in the session: the first of a reply is made, the others are told so.
 * - A2: other calls of the same reply come first, also those that a human is asked about.
 * - A3: nobody is asked whether a handoff may be made.
 */
export class HandoffAgent implements AgentLike {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly #agent: Agent;
  readonly #tools: readonly HandoffTool[];

  constructor(agent: Agent, tools: readonly HandoffTool[]) {
    this.id = agent.id;
    this.name = agent.name;
    this.description = agent.description;
    this.#agent = agent;
    this.#tools = tools;
  }

  async run(input: MessageInput, options: AgentRunOptions = {}): Promise<AgentResponse> {
    return this.#settle(await this.#agent.run(input, this.#lent(options)), options.session);
  }

  stream(input: MessageInput, options: AgentRunOptions = {}): AgentStream {
    const stream = this.#agent.stream(input, this.#lent(options));
    const response = stream.response.then((whole) => this.#settle(whole, options.session));
    // As with any stream nobody need look at it; whoever reads the updates is told of a failure.
    response.catch(() => {});
    return { response, [Symbol.asyncIterator]: () => this.#updatesOf(stream, response) };
  }

  createSession(): AgentSession {
    return this.#agent.createSession();
  }

  #lent(options: AgentRunOptions): AgentRunOptions {
    return {
      ...options,
      tools: [...(options.tools ?? []), ...this.#tools.map(({ tool }) => tool)],
    };
  }

  /** A1, A2: answers the handoff calls once nothing else of the reply is open. */
  #settle(response: AgentResponse, session: AgentSession | undefined): AgentResponse {
    const { approvalRequests } = response;
    const handoffs = approvalRequests.filter((request) => this.#isHandoff(request));
    if (handoffs.length === 0) return response;
    const others = approvalRequests.filter((request) => !this.#isHandoff(request));
    const messages = response.messages.flatMap((message) => this.#withoutQuestions(message));
    if (others.length > 0) return { ...response, messages, approvalRequests: others };
    const told: Message = deepFreeze({ role: 'tool', contents: this.#resultsOf(handoffs) });
    session?.append([told]);
    return { ...response, messages: [...messages, told], approvalRequests: [] };
  }

  #resultsOf(handoffs: readonly FunctionApprovalRequestContent[]): FunctionResultContent[] {
    const targets = handoffs.map((request) => this.#targetOf(request) ?? '');
    const [first = ''] = targets;
    return handoffs.map(({ functionCall: { callId } }, index) =>
      index === 0
        ? { type: 'function_result', callId, result: handoffResult(first) }
        : {
            type: 'function_result',
            callId,
            error: `Not handed over to ${targets[index]}: the same reply had handed the conversation over to ${first}.`,
          },
    );
  }

  /** The updates without what A3 leaves out, and then the results of the handoff calls. */
  async *#updatesOf(
    stream: AgentStream,
    response: Promise<AgentResponse>,
  ): AsyncGenerator<AgentResponseUpdate, undefined> {
    for await (const update of stream) {
      const [shown] = this.#withoutQuestions(update);
      if (shown !== undefined) yield shown;
    }
    const { agentName, messages } = await response;
    const { messages: streamed } = await stream.response;
    for (const { role, contents } of messages.slice(streamed.length))
      yield { agentName, role, contents, text: '' };
    return undefined;
  }

  #withoutQuestions<T extends Pick<Message, 'contents'>>(said: T): T[] {
    const contents = said.contents.filter(
      (content) => content.type !== 'function_approval_request' || !this.#isHandoff(content),
    );
    if (contents.length === said.contents.length) return [said];
    return contents.length === 0 ? [] : [{ ...said, contents }];
  }

  #isHandoff(request: FunctionApprovalRequestContent): boolean {
    return this.#targetOf(request) !== undefined;
  }

  #targetOf({ functionCall: { name } }: FunctionApprovalRequestContent): string | undefined {
    return this.#tools.find(({ tool }) => tool.name === name)?.target;
  }
}
