import { type AgentLike } from '../agents/agent-like.ts';
import { AgentSession, type AgentSessionJson } from '../agents/agent-session.ts';
import { type AskedRequest, Executor, type ResetContext } from '../graph/executor.ts';
import { type Handler, on } from '../graph/handler.ts';
import {
  onResponse,
  type ResponseContext,
  type ResponseHandler,
} from '../graph/response-handler.ts';
import { type WorkflowContext } from '../graph/workflow-context.ts';
import { type Message, textMessage } from '../messages/message.ts';
import { type AgentResponse } from '../messages/response.ts';
import { visibleMessages } from '../messages/visible-messages.ts';
import { deepFreeze } from '../primitives/deep-freeze.ts';
import {
  AgentExecutorRequest,
  AgentExecutorReset,
  AgentExecutorResponse,
  AgentUpdate,
  messageListSchema,
  messageSchema,
} from './agent-executor-protocol.ts';
import {
  type AgentExecutorState,
  NOTHING_SAID,
  parseSavedExecutor,
  type SavedAgentExecutor,
} from './agent-executor-state.ts';
import { agentQuestionType } from './agent-question.ts';
import { ToolApproval } from './tool-approval.ts';

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
  /** Which replies are yielded; default all. Sent on is every reply. */
  readonly yieldIf?: (response: AgentResponse) => boolean;
}

/** What an agent executor takes. */
export type AgentExecutorInput =
  | string
  | Message
  | readonly Message[]
  | AgentExecutorRequest
  | AgentExecutorReset
  | AgentExecutorResponse;

/**
 * An agent as an executor: takes what was said, answers with an `AgentExecutorResponse`, and yields its response.
 *
 * A tool that needs approval is asked about with a `ToolApproval` request, and what an agent that is a workflow waits
 * for is asked as it is; when all the questions of a reply have been answered the agent goes on, and its whole reply,
 * which answers what came meanwhile too, is sent and yielded.
 *
 * Owns what the agent has not read yet, the conversation as it knows it, and the session, unless the caller gave one.
 *
 * Invariants:
 * - X1: a message is given to the agent once; a run that fails leaves it waiting.
 * - X2: reset forgets everything but a session that the caller supplied.
 * - X3: an answer that comes after its run was aborted changes nothing, nor the session, unless the caller gave it.
 * - X4: a question of a superstep that failed, which nobody was asked, is asked again.
 * - X5: an answer of a superstep that failed is given again; what came of it the first time stands, and is sent again.
 */
export class AgentExecutor extends Executor {
  readonly agent: AgentLike;
  readonly options: AgentExecutorOptions;
  override readonly emits: readonly [typeof AgentUpdate] = [AgentUpdate];
  readonly handlers: readonly Handler<AgentExecutorInput>[] = [
    on(AgentExecutorReset, () => this.reset()),
    on(AgentExecutorRequest, (request, context) => this.#onRequest(request, context)),
    on(AgentExecutorResponse, (response, context) => this.#onResponse(response, context)),
    on(String, (text, context) => this.#answer([textMessage('user', text)], context)),
    on(messageSchema, (message, context) => this.#answer([message], context)),
    on(messageListSchema, (messages, context) => this.#answer(messages, context)),
  ];
  /** Takes the answers to `ToolApproval`; a subclass with `responseHandlers` of its own lists it among them. */
  protected readonly approvalHandler: ResponseHandler = onResponse(
    ToolApproval,
    (answer, _asked, context) => this.#onAnswer(answer, context),
  );
  override readonly responseHandlers: readonly ResponseHandler[] = [this.approvalHandler];
  readonly #contextMode: AgentContextMode;
  readonly #yieldIf: (response: AgentResponse) => boolean;
  readonly #suppliedSession: AgentSession | undefined;
  #session: AgentSession;
  #state: AgentExecutorState = NOTHING_SAID;

  constructor(agent: AgentLike, options: AgentExecutorOptions = {}) {
    super(options.id ?? agent.name);
    this.agent = agent;
    this.options = options;
    this.#contextMode = options.context ?? 'full';
    this.#yieldIf = options.yieldIf ?? (() => true);
    this.#suppliedSession = options.session;
    this.#session = options.session ?? agent.createSession();
  }

  /** The session that the next run of the agent goes on with. */
  get session(): AgentSession {
    return this.#session;
  }

  /** Whether a reply of the agent waits for an answer from outside, and will be given then. */
  get isWaiting(): boolean {
    return this.#state.questions.size > 0;
  }

  /** X2: forgets the conversation; a session of its own is replaced by a new one. */
  override reset(context?: ResetContext): void {
    this.#state = NOTHING_SAID;
    this.#session = this.#suppliedSession ?? this.agent.createSession();
    if (this.#suppliedSession === undefined) return;
    context?.logger.warn(
      `Executor "${this.id}" keeps session "${this.#session.id}" at reset, because the caller supplied it: the agent still remembers it. Leave the session out, or pass a new one.`,
    );
  }

  override onCheckpointSave(): SavedAgentExecutor {
    const { sent: _, ...state } = this.#state;
    return { state, session: this.#session.toJSON() };
  }

  /** Goes on with the session as it was then; one that the caller supplied stays untouched and is returned to at reset. */
  override onCheckpointRestore(saved: unknown): void {
    const { state, session } = parseSavedExecutor(saved);
    this.#state = state;
    this.#session = session;
  }

  /** A request that comes from within the agent names in its path who asked there. */
  override findResponseHandler(request: AskedRequest): ResponseHandler | undefined {
    const [, ...path] = request.path ?? [];
    if (path.length === 0) return super.findResponseHandler(request);
    const schema = this.agent.answerSchemaOf?.({ ...request, path });
    return {
      requestType: agentQuestionType(request, schema),
      handle: (answer: unknown, _asked: unknown, context: ResponseContext) =>
        this.#onAnswer(answer, context),
    };
  }

  /**
   * Whether somebody decides what becomes of an answer before it is delivered.
   *
   * For subclasses that ask somebody then.
   */
  protected get isDrafting(): boolean {
    return false;
  }

  /**
   * Whether the agent may answer now; where not, what it is to answer waits until `answerNow`.
   *
   * For subclasses that ask somebody first.
   */
  protected mayAnswer(_context: WorkflowContext): boolean {
    return true;
  }

  /** Runs the agent on what it has not read, and on `more`; gives nothing where its answer has to wait. */
  protected answerNow(
    context: WorkflowContext,
    more: readonly Message[] = [],
  ): Promise<AgentExecutorResponse | undefined> {
    return this.#reply([...this.#state.unread, ...more], context);
  }

  /** Puts an answer into the conversation, out, and on its way; subclasses may hold it back. */
  protected deliver(
    response: AgentResponse,
    context: WorkflowContext,
  ): AgentExecutorResponse | undefined {
    const conversation = [...this.#state.conversation, ...response.messages];
    this.#state = { ...this.#state, conversation };
    if (this.#yieldIf(response)) context.yield(response);
    return AgentExecutorResponse({ executorId: this.id, response, conversation });
  }

  /** Lets the agent read something with what it reads next, that is no part of the conversation. */
  protected remind(messages: readonly Message[]): void {
    this.#state = { ...this.#state, unread: [...this.#state.unread, ...messages] };
  }

  #onRequest(
    { messages, shouldRespond = true }: AgentExecutorRequest,
    context: WorkflowContext,
  ): unknown {
    if (shouldRespond) return this.#answer(messages, context);
    // Who does not know whether a note arrived, because a run was interrupted, sends the same objects again.
    this.#takeNote(this.#unknownOf(messages));
    return undefined;
  }

  #onResponse(
    response: AgentExecutorResponse,
    context: WorkflowContext,
  ): Promise<AgentExecutorResponse | undefined> {
    if (typeof this.#contextMode === 'function')
      return this.#answer(this.#contextMode(response), context);
    // What another agent did with its tools is its own.
    if (this.#contextMode === 'last')
      return this.#answer(visibleMessages(response.response.messages), context);
    this.#takeNote(this.#unknownOf(response.conversation), visibleMessages);
    return this.#answer([], context);
  }

  /** X1: in a loop, or at the next run, much of a conversation comes back to an agent that has read it. */
  #unknownOf(messages: readonly Message[]): readonly Message[] {
    const { conversation } = this.#state;
    if (messages.length < FEW) return messages.filter((message) => !conversation.includes(message));
    const known = new Set(conversation);
    return messages.filter((message) => !known.has(message));
  }

  #takeNote(
    messages: readonly Message[],
    view: (messages: readonly Message[]) => readonly Message[] = (all) => all,
  ): void {
    // Sent on and kept, and the same objects again after a restore, as frozen ones are.
    for (const message of messages) deepFreeze(message);
    const { unread, conversation } = this.#state;
    this.#state = {
      ...this.#state,
      unread: [...unread, ...view(messages)],
      conversation: [...conversation, ...messages],
    };
  }

  async #answer(
    messages: readonly Message[],
    context: WorkflowContext,
  ): Promise<AgentExecutorResponse | undefined> {
    this.#takeNote(messages);
    // Where the model has called tools that have no results yet, it reads this with the answers to its questions.
    if (this.#state.questions.size > 0) {
      // X4
      const { askAgain } = await import('./split-reply.ts');
      return askAgain(this.#state, context);
    }
    return this.mayAnswer(context) ? this.answerNow(context) : undefined;
  }

  async #onAnswer(
    answer: unknown,
    context: ResponseContext,
  ): Promise<AgentExecutorResponse | undefined> {
    const { takeAnswer } = await import('./split-reply.ts');
    const { requestId } = context;
    const taken = takeAnswer(this.#state, requestId, answer);
    if (taken === undefined) return this.#sendAgain(requestId, context);
    if (taken.message === undefined) {
      this.#state = { ...this.#state, questions: taken.questions };
      return undefined;
    }
    const reply = await this.#reply([taken.message, ...this.#state.unread], context);
    this.#state = { ...this.#state, sent: reply && { requestId, reply } };
    return reply;
  }

  /** X5 */
  #sendAgain(requestId: string, context: WorkflowContext): AgentExecutorResponse | undefined {
    const { sent } = this.#state;
    if (sent?.requestId !== requestId) return undefined;
    const { reply } = sent;
    if (this.#yieldIf(reply.response)) context.yield(reply.response);
    return reply;
  }

  /** Runs the agent; `undefined` where its reply waits for answers. */
  async #reply(
    input: readonly Message[],
    context: WorkflowContext,
  ): Promise<AgentExecutorResponse | undefined> {
    const join =
      this.#state.parts.length === 0 ? undefined : (await import('./split-reply.ts')).joinResponses;
    const [session, before, state] = [this.#session, this.#session.toJSON(), this.#state];
    const response = await this.#runAgent(input, context);
    const asking = asksSomething(response) && (await import('./split-reply.ts'));
    // X3: an answer that comes after its run was given up belongs to a conversation that has gone on, or is over.
    if (context.signal.aborted && this.#session === session && this.#state === state)
      this.#takeBack(before);
    context.signal.throwIfAborted();
    context.reportUsage(response.usage);
    const { parts, conversation } = this.#state;
    if (asking !== false) {
      const questions = asking.askFor(response, context);
      this.#state = { ...this.#state, unread: [], parts: [...parts, response], questions };
      return undefined;
    }
    // Sent, yielded and kept: nobody may change it any more.
    const whole = deepFreeze(join?.(parts, response) ?? response);
    this.#state = { ...NOTHING_SAID, conversation };
    return this.deliver(whole, context);
  }

  /**
   * X1: what a run that was given up has read is read again, so the session must not know it.
   *
   * A session of the caller's cannot be taken back; what it knows is not told again.
   */
  #takeBack(before: AgentSessionJson): void {
    if (this.#session !== this.#suppliedSession) this.#session = new AgentSession(before);
    else this.#state = { ...NOTHING_SAID, conversation: this.#state.conversation };
  }

  async #runAgent(input: readonly Message[], context: WorkflowContext): Promise<AgentResponse> {
    const { signal, runContext, idempotencyKey: runPath } = context;
    const options = { session: this.#session, signal, runContext, runPath };
    if (!context.streaming) return this.agent.run(input, options);
    const stream = this.agent.stream(input, options);
    const draft = this.isDrafting ? { isDraft: true } : {};
    for await (const update of stream)
      if (update.isQuestion !== true) context.emit(AgentUpdate({ update, ...draft }));
    return stream.response;
  }
}

function asksSomething({ approvalRequests, pendingRequests = [] }: AgentResponse): boolean {
  return approvalRequests.length > 0 || pendingRequests.length > 0;
}

/** So many messages are sooner looked for than a set is made of a conversation. */
const FEW = 8;

/** Wraps an agent as an executor with options; the builder wraps an agent given as it is with the defaults. */
export function agentExecutor(
  agent: AgentLike,
  options: AgentExecutorOptions = {},
): () => AgentExecutor {
  return () => new AgentExecutor(agent, options);
}
