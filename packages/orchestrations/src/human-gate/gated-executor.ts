import {
  addUsage,
  AgentExecutor,
  type AgentExecutorOptions,
  type AgentExecutorResponse,
  type AgentLike,
  type AgentResponse,
  ConfigurationError,
  type Message,
  onResponse,
  type ResetContext,
  type ResponseContext,
  type ResponseHandler,
  textMessage,
  type WorkflowContext,
} from '@colloquy/core';

import { deepFreeze, responseOf } from '../shared/conversation.ts';
import { describeValue } from '../shared/describe-value.ts';
import { isRecord } from '../shared/is-record.ts';
import { HumanGate, type HumanGateAnswer, type HumanGateOptions } from './human-gate.ts';

/** What a gate keeps between messages; replaced as a whole. */
interface GateState {
  /** The id of the question that a human has not answered. */
  readonly requestId: string | undefined;
  /** The reply that a human looks at, with the usage of all drafts so far. */
  readonly draft?: AgentResponse | undefined;
  /** Whether the agent was asked for another reply while a draft waited. */
  readonly isAskedAgain?: boolean;
  /** Whether the human has answered, and the turn has not been taken yet. */
  readonly isAnswered?: boolean;
  /** No part of a checkpoint: a superstep that has one has not failed. */
  readonly sent?: SentReply | undefined;
}

/** What came of an answer, in case that its superstep fails and the answer comes again. */
interface SentReply {
  readonly requestId: string;
  readonly reply: AgentExecutorResponse;
}

const CLOSED: GateState = deepFreeze({ requestId: undefined });

/**
 * An agent's executor that asks a human before or after each turn, with a `HumanGate` request.
 *
 * Owns what waits for the human.
 *
 * Invariants:
 * - U1: before: the agent is not run until the human has answered, and not at all where its words are replaced.
 * - U2: after: nobody else sees a reply, and no output has it, until the human has answered; a draft that is not wanted stays in the agent's session alone.
 * - U3: the agent learns of words that were put into its mouth with what it reads next.
 * - U4: nothing that comes while the human thinks is lost: it is read with the next turn, and a turn that was asked for is taken.
 * - U5: reset forgets the question and the draft.
 * - U6: a question of a superstep that failed, which nobody was asked, is asked again.
 * - U7: an answer of a superstep that failed is given again; what came of it the first time stands, and is sent again.
 * - U8: a turn that failed where a failure is a result is over, and its draft with it.
 */
export class GatedExecutor extends AgentExecutor {
  override readonly responseHandlers: readonly ResponseHandler[] = [
    this.approvalHandler,
    onResponse(HumanGate, (answer, _asked, context) => this.#onAnswer(answer, context)),
  ];
  readonly #when: HumanGateOptions['when'];
  #gate: GateState = CLOSED;

  constructor(agent: AgentLike, options: AgentExecutorOptions, when: HumanGateOptions['when']) {
    super(agent, options);
    this.#when = when;
  }

  override get isWaiting(): boolean {
    const { requestId, isAnswered = false } = this.#gate;
    return (requestId !== undefined && !isAnswered) || super.isWaiting;
  }

  override reset(context?: ResetContext): void {
    this.#gate = CLOSED;
    super.reset(context);
  }

  override onCheckpointSave(): ReturnType<AgentExecutor['onCheckpointSave']> {
    const { sent: _, ...gate } = this.#gate;
    return Object.assign(super.onCheckpointSave(), { gate });
  }

  override onCheckpointRestore(saved: unknown): void {
    const gate = parseGate(isRecord(saved) ? saved['gate'] : undefined);
    super.onCheckpointRestore(saved);
    this.#gate = gate;
  }

  /** U2. */
  protected override get isDrafting(): boolean {
    return this.#when === 'after';
  }

  /** U1, U4, U6, U8. */
  protected override mayAnswer(context: WorkflowContext): boolean {
    const { requestId, isAnswered = false } = this.#gate;
    const isAsking = requestId !== undefined && context.hasRequest(requestId);
    if (isAnswered && !isAsking) this.#gate = CLOSED;
    const { draft } = this.#gate;
    if (this.#when === 'after' && this.#gate.requestId === undefined) return true;
    if (!isAsking) this.#ask(draft, context);
    this.#gate = { ...this.#gate, isAskedAgain: draft !== undefined };
    return false;
  }

  /** U2. */
  protected override deliver(
    response: AgentResponse,
    context: WorkflowContext,
  ): AgentExecutorResponse | undefined {
    const { draft } = this.#gate;
    this.#gate = CLOSED;
    if (this.#when === 'before') return super.deliver(response, context);
    const usage = draft === undefined ? response.usage : addUsage(draft.usage, response.usage);
    this.#ask(deepFreeze({ ...response, usage }), context);
    return undefined;
  }

  #ask(draft: AgentResponse | undefined, context: WorkflowContext): void {
    const participant = this.id;
    const asked = draft === undefined ? { participant } : { participant, draft: draft.text };
    const { sent } = this.#gate;
    this.#gate = { requestId: context.request(HumanGate, asked), draft, sent };
  }

  async #onAnswer(
    answer: HumanGateAnswer,
    context: ResponseContext,
  ): Promise<AgentExecutorResponse | undefined> {
    const { requestId } = context;
    if (this.#gate.requestId !== requestId) return this.#sendAgain(context);
    const reply = await this.#settle(answer, context);
    this.#gate = { ...this.#gate, sent: reply && { requestId, reply } };
    return reply;
  }

  /** The gate stays open until a turn has been taken: where the model fails, the same question is answered again. */
  async #settle(
    answer: HumanGateAnswer,
    context: ResponseContext,
  ): Promise<AgentExecutorResponse | undefined> {
    const open = { ...this.#gate, isAnswered: true };
    this.#gate = open;
    if (answer.action === 'feedback')
      return this.answerNow(context, [textMessage('user', answer.text)]);
    const { draft } = open;
    if (draft === undefined && answer.action === 'approve') return this.answerNow(context);
    const notes = answer.action === 'replace' ? [noteOf(answer.text, draft)] : [];
    if (open.isAskedAgain === true) await this.#answerMeanwhile(open, notes, context);
    else {
      this.#gate = CLOSED;
      this.remind(notes);
    }
    const words = answer.action === 'replace' ? this.#wordsOf(answer.text, draft) : draft;
    return words === undefined ? undefined : super.deliver(words, context);
  }

  /** U3, U4: takes the turn that was asked for while a draft waited. */
  async #answerMeanwhile(
    open: GateState,
    notes: readonly Message[],
    context: ResponseContext,
  ): Promise<void> {
    this.#gate = CLOSED;
    try {
      await this.answerNow(context, notes);
    } catch (error) {
      this.#gate = open;
      throw error;
    }
  }

  /** U6, U7: the superstep failed after its question had been answered here. */
  #sendAgain(context: ResponseContext): AgentExecutorResponse | undefined {
    const { requestId, draft, sent } = this.#gate;
    if (requestId !== undefined && !context.hasRequest(requestId)) this.#ask(draft, context);
    if (sent?.requestId !== context.requestId) return undefined;
    const { reply } = sent;
    if (this.options.yieldIf?.(reply.response) ?? true) context.yield(reply.response);
    return reply;
  }

  #wordsOf(text: string, draft: AgentResponse | undefined): AgentResponse {
    const words = responseOf(this.agent.name, [textMessage('assistant', text, this.id)]);
    return deepFreeze(draft === undefined ? words : { ...words, usage: draft.usage });
  }
}

/** U3. */
function noteOf(text: string, draft: AgentResponse | undefined): Message {
  const note =
    draft === undefined
      ? 'A person replied in your place. The others read as your reply:'
      : 'A person replaced your last reply. The others read as your reply:';
  return textMessage('user', `${note}\n\n${text}`);
}

/** @throws {ConfigurationError} `human-gate/invalid-checkpoint`. */
function parseGate(saved: unknown): GateState {
  // Saved before there was a gate.
  if (saved === undefined) return CLOSED;
  if (isGate(saved)) return saved;
  throw new ConfigurationError(`Expected the state of a human gate, got ${describeValue(saved)}.`, {
    code: 'human-gate/invalid-checkpoint',
  });
}

function isGate(value: unknown): value is GateState {
  if (!isRecord(value)) return false;
  const { requestId, draft } = value;
  const isId = requestId === undefined || typeof requestId === 'string';
  return isId && (draft === undefined || isRecord(draft));
}
