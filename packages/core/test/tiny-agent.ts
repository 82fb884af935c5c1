import {
  type AgentLike,
  type AgentRunOptions,
  type AgentStream,
} from '../src/agents/agent-like.ts';
import { AgentSession } from '../src/agents/agent-session.ts';
import { textMessage, toMessages, textOf, type MessageInput } from '../src/messages/message.ts';
import { type AgentResponse } from '../src/messages/response.ts';

/** One call of a tiny agent: the texts it was given, and the session. */
export interface TinyAgentCall {
  readonly texts: readonly string[];
  readonly session: string | undefined;
}

/** An agent that answers every input with its name and a number, and keeps its calls. */
export class TinyAgent implements AgentLike {
  readonly id: string;
  readonly description = '';
  readonly calls: TinyAgentCall[] = [];
  /** Thrown by the next run, once. */
  failure: unknown;
  /** Put into every response. */
  approvalRequests: AgentResponse['approvalRequests'] = [];
  readonly name: string;

  constructor(name: string) {
    this.name = name;
    this.id = name;
  }

  async run(input: MessageInput, options: AgentRunOptions = {}): Promise<AgentResponse> {
    this.calls.push({ texts: toMessages(input).map(textOf), session: options.session?.id });
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
    const text = `${this.name} ${this.calls.length}`;
    return {
      agentName: this.name,
      messages: [textMessage('assistant', text, this.name)],
      text,
      usage: { inputTokens: 2, outputTokens: 1, totalTokens: 3 },
      value: undefined,
      approvalRequests: this.approvalRequests,
    };
  }

  stream(input: MessageInput, options?: AgentRunOptions): AgentStream {
    const response = this.run(input, options);
    response.catch(() => {});
    return {
      response,
      async *[Symbol.asyncIterator]() {
        const { agentName, text, messages } = await response;
        yield { agentName, text, role: 'assistant', contents: messages[0]?.contents ?? [] };
      },
    };
  }

  createSession(): AgentSession {
    return new AgentSession();
  }
}
