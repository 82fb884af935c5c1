import { type AgentLike } from '../agents/agent-like.ts';
import { type AgentSession } from '../agents/agent-session.ts';
import { ColloquyError } from '../errors/colloquy-error.ts';
import { Executor, type ResetContext } from '../graph/executor.ts';
import { type Handler, on } from '../graph/handler.ts';
import { type WorkflowContext } from '../graph/workflow-context.ts';
import { type Message, textMessage } from '../messages/message.ts';
import { type AgentResponse } from '../messages/response.ts';
import {
  AgentExecutorRequest,
  AgentExecutorResponse,
  AgentUpdate,
  messageListSchema,
  messageSchema,
} from './agent-executor-protocol.ts';

/** What an agent executor reads of another agent's answer. */
export type AgentContextMode =
  /** The whole conversation. */
  | 'full'
  /** Only what the last agent said. */
  | 'last'
  /** What the function makes of it. */
  | ((response: AgentExecutorResponse) => readonly Message[]);

/** How an agent becomes an executor. */
export interface AgentExecutorOptions {
  /** Default: the agent's name. */
  readonly id?: string;
  /** A session of the caller's: kept by reset, with a warning. Without one the executor makes its own, new after each reset. */
  readonly session?: AgentSession;
  /** Default `full`. */
  readonly context?: AgentContextMode;
}

/** What an agent executor takes. */
export type AgentExecutorInput =
  | string
  | Message
  | readonly Message[]
  | AgentExecutorRequest
  | AgentExecutorResponse;

/**
 * An agent as an executor: takes what was said, answers with an `AgentExecutorResponse`, and yields its response.
 *
 * Owns what the agent has not read yet, the conversation as it knows it, and the session, unless the caller gave one.
 *
 * Invariants:
 * - X1: a message is given to the agent once; a run that fails leaves it waiting.
 * - X2: reset forgets everything but a session that the caller supplied.
 * - X3: an answer that comes after its run was aborted changes nothing.
 */
export class AgentExecutor extends Executor {
  readonly agent: AgentLike;
  override readonly emits: readonly [typeof AgentUpdate] = [AgentUpdate];
  readonly handlers: readonly Handler<AgentExecutorInput>[] = [
    on(AgentExecutorRequest, (request, context) => this.#onRequest(request, context)),
    on(AgentExecutorResponse, (response, context) => this.#onResponse(response, context)),
    on(String, (text, context) => this.#answer([textMessage('user', text)], context)),
    on(messageSchema, (message, context) => this.#answer([message], context)),
    on(messageListSchema, (messages, context) => this.#answer(messages, context)),
  ];
  readonly #contextMode: AgentContextMode;
  readonly #suppliedSession: AgentSession | undefined;
  #session: AgentSession;
  #unread: readonly Message[] = [];
  #conversation: readonly Message[] = [];

  constructor(agent: AgentLike, options: AgentExecutorOptions = {}) {
    super(options.id ?? agent.name);
    this.agent = agent;
    this.#contextMode = options.context ?? 'full';
    this.#suppliedSession = options.session;
    this.#session = options.session ?? agent.createSession();
  }

  /** The session that the next run of the agent goes on with. */
  get session(): AgentSession {
    return this.#session;
  }

  /** X2: forgets the conversation; a session of its own is replaced by a new one. */
  override reset(context?: ResetContext): void {
    this.#unread = [];
    this.#conversation = [];
    if (this.#suppliedSession === undefined) this.#session = this.agent.createSession();
    else {
      context?.logger.warn(
        `Executor "${this.id}" keeps session "${this.#session.id}" at reset, because the caller supplied it: the agent still remembers it. Leave the session out, or pass a new one.`,
      );
    }
  }

  #onRequest(
    { messages, shouldRespond = true }: AgentExecutorRequest,
    context: WorkflowContext,
  ): unknown {
    if (shouldRespond) return this.#answer(messages, context);
    // X1: who does not know whether a note arrived, because a run was interrupted, sends the same objects again.
    const known = new Set(this.#conversation);
    this.#takeNote(messages.filter((message) => !known.has(message)));
    return undefined;
  }

  #onResponse(
    response: AgentExecutorResponse,
    context: WorkflowContext,
  ): Promise<AgentExecutorResponse> {
    if (typeof this.#contextMode === 'function')
      return this.#answer(this.#contextMode(response), context);
    if (this.#contextMode === 'last') return this.#answer(response.response.messages, context);
    return this.#answer(this.#unknownPartOf(response.conversation), context);
  }

  /** X1: in a loop the conversation comes back to an agent that knows how it begins. */
  #unknownPartOf(conversation: readonly Message[]): readonly Message[] {
    const isContinued = this.#conversation.every(
      (message, index) => conversation[index] === message,
    );
    return isContinued ? conversation.slice(this.#conversation.length) : conversation;
  }

  #takeNote(messages: readonly Message[]): void {
    this.#unread = [...this.#unread, ...messages];
    this.#conversation = [...this.#conversation, ...messages];
  }

  async #answer(
    messages: readonly Message[],
    context: WorkflowContext,
  ): Promise<AgentExecutorResponse> {
    this.#takeNote(messages);
    const response = await this.#runAgent(context);
    // X3: an answer that comes after its run was given up belongs to a conversation that has gone on, or is over.
    context.signal.throwIfAborted();
    assertNoApprovals(this.id, response);
    this.#unread = [];
    this.#conversation = [...this.#conversation, ...response.messages];
    context.reportUsage(response.usage);
    context.yield(response);
    return AgentExecutorResponse({
      executorId: this.id,
      response,
      conversation: this.#conversation,
    });
  }

  async #runAgent(context: WorkflowContext): Promise<AgentResponse> {
    const { signal, runContext } = context;
    const options = { session: this.#session, signal, runContext };
    if (!context.streaming) return this.agent.run(this.#unread, options);
    const stream = this.agent.stream(this.#unread, options);
    for await (const update of stream) context.emit(AgentUpdate({ update }));
    return stream.response;
  }
}

/** Wraps an agent as an executor with options; the builder wraps an agent given as it is with the defaults. */
export function agentExecutor(
  agent: AgentLike,
  options: AgentExecutorOptions = {},
): () => AgentExecutor {
  return () => new AgentExecutor(agent, options);
}

function assertNoApprovals(executorId: string, response: AgentResponse): void {
  const [request] = response.approvalRequests;
  if (request === undefined) return;
  throw new ColloquyError(
    `Agent executor "${executorId}" was asked to approve a call of "${request.functionCall.name}", which nobody can answer inside a workflow. Run the agent itself for tools with approval.`,
    { code: 'agent/approval-in-workflow' },
  );
}
