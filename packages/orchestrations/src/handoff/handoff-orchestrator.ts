import {
  AgentExecutorRequest,
  AgentExecutorResponse,
  type AgentResponse,
  AgentUpdate,
  ConfigurationError,
  Executor,
  type Handler,
  type Message,
  on,
  onResponse,
  type ResponseHandler,
  textMessage,
  visibleMessages,
  type WorkflowContext,
} from '@colloquy/core';

import {
  terminationViewOf,
  unreadBy,
  withRead,
  withReply,
  withRunBegun,
  withSpent,
  withSpoken,
} from '../group-chat/chat-state.ts';
import { type ConversationInput, inputHandlers } from '../shared/conversation-input.ts';
import { type TerminationCondition } from '../termination/termination-condition.ts';
import { HandoffEvent, UserTurn, type UserTurnAnswer } from './handoff-messages.ts';
import { type HandoffState, NO_CONVERSATION, parseSavedHandoff } from './handoff-state.ts';
import { handoffTargetOf, type HandoffTool } from './handoff-tools.ts';

/** Turns that agents take without the user. */
export interface AutonomousTurns {
  readonly agents: ReadonlySet<string>;
  readonly maxTurns: number;
  /** Told to the agent in place of the user's answer. */
  readonly prompt: string;
}

/** What a handoff's orchestrator is made from. */
export interface HandoffOrchestratorOptions {
  /** Who is given what begins a run. */
  readonly start: string;
  /** What each participant can call, by name. */
  readonly tools: ReadonlyMap<string, readonly HandoffTool[]>;
  readonly maxHandoffs: number;
  readonly until: TerminationCondition | undefined;
  readonly autonomous: AutonomousTurns | undefined;
  readonly returnToPrevious: boolean;
}

/** The executor's id. */
export const HANDOFF_ORCHESTRATOR = 'handoff_orchestrator';

/**
 * Keeps the transcript of a conversation that agents hand to each other, and asks the user when nobody goes on.
 *
 * Owns the transcript. Invariants:
 * - H1: a step that throws changes nothing: the state is replaced once the step has ended well.
 * - H2: everybody is given every visible message once, when it is their turn, but not their own.
 * - H3: nobody is asked with nothing to read, and at most one at a time.
 * - H4: on a reply: store, `until`, handoff limit, hand over, what was said meanwhile, autonomous turn, user.
 *
 * As Python `_handoff.py`. Differs from Python: participants hear of the conversation with their turn, limits end a
 * run with a reason, and a handoff whose target is not asked is not told of.
 */
export class HandoffOrchestrator extends Executor {
  override readonly emits: readonly [typeof HandoffEvent, typeof AgentUpdate] = [
    HandoffEvent,
    AgentUpdate,
  ];
  readonly handlers: readonly Handler<ConversationInput | AgentExecutorResponse>[] = [
    ...inputHandlers((messages, context) => this.#onInput(messages, context)),
    on(AgentExecutorResponse, ({ executorId, response }, context) =>
      this.#onReply(executorId, response, context),
    ),
  ];
  override readonly responseHandlers: readonly ResponseHandler[] = [
    onResponse(UserTurn, (answer, { participant }, context) =>
      this.#onUserTurn(answer, participant, context),
    ),
  ];
  readonly #options: HandoffOrchestratorOptions;
  #state: HandoffState = NO_CONVERSATION;

  constructor(options: HandoffOrchestratorOptions) {
    super(HANDOFF_ORCHESTRATOR);
    this.#options = options;
  }

  /** Forgets the conversation, who holds it, all counts, and what the termination condition remembers. */
  override reset(): void {
    this.#state = NO_CONVERSATION;
    this.#options.until?.reset();
  }

  override onCheckpointSave(): unknown {
    return { state: this.#state, until: this.#options.until?.onCheckpointSave() };
  }

  override onCheckpointRestore(saved: unknown): void {
    const { state, until } = parseSavedHandoff(saved);
    this.#state = state;
    this.#options.until?.onCheckpointRestore(until);
  }

  async #onInput(messages: readonly Message[], context: WorkflowContext): Promise<void> {
    const input = visibleMessages(messages);
    if (input.length === 0) {
      throw new ConfigurationError(
        'Expected something said as the input of a handoff, got nothing that anybody could read. Pass a text or a message with content.',
        { code: 'handoff/empty-input' },
      );
    }
    const { until, start, returnToPrevious } = this.#options;
    until?.reset();
    const state: HandoffState = {
      ...this.#state,
      chat: withSpoken(withRunBegun(this.#state.chat), input),
      handoffs: 0,
      autonomousTurns: 0,
    };
    const name = returnToPrevious ? (state.holder ?? start) : start;
    const isOver = await this.#isOver(state, context);
    this.#commit(isOver ? state : ask(name, state, context), context);
  }

  /** An answer to an earlier question is the user's turn as well; whoever asked reads it. */
  #onUserTurn(answer: UserTurnAnswer, participant: string, context: WorkflowContext): void {
    if ('end' in answer) {
      context.setStopReason({ code: 'completed', detail: 'the user has ended the conversation' });
      return;
    }
    const said = [textMessage('user', answer.text)];
    const state: HandoffState = {
      ...this.#state,
      chat: withSpoken(this.#state.chat, visibleMessages(said)),
      handoffs: 0,
      autonomousTurns: 0,
    };
    // H3: who is at work reads it next.
    const isAtWork = isAsking(state, context);
    this.#commit(isAtWork ? state : ask(participant, withNobodyAsked(state), context), context);
  }

  async #onReply(
    participant: string,
    reply: AgentResponse,
    context: WorkflowContext,
  ): Promise<void> {
    const { chat } = this.#state;
    if (chat.awaited !== participant && isAsking(this.#state, context)) {
      // H3: an agent that had waited for an approval while the conversation went on is heard, but has no turn.
      const said = visibleMessages(reply.messages, participant);
      this.#state = { ...this.#state, chat: withSpent(withSpoken(chat, said, participant), reply) };
      return;
    }
    const target = handoffTargetOf(reply.messages, this.#options.tools.get(participant) ?? []);
    const state: HandoffState = {
      ...this.#state,
      chat: withReply(chat, participant, reply),
      holder: target ?? participant,
    };
    const isOver = await this.#isOver(state, context);
    this.#commit(
      isOver ? state : this.#goOn(state, { participant, target, text: reply.text }, context),
      context,
    );
  }

  /** H4 from the handoff limit on. */
  #goOn(state: HandoffState, turn: TurnTaken, context: WorkflowContext): HandoffState {
    const { participant, target, text } = turn;
    const { maxHandoffs, autonomous } = this.#options;
    if (target !== undefined) {
      if (state.handoffs < maxHandoffs) return handOver(participant, target, state, context);
      context.setStopReason({ code: 'maxHandoffs', detail: `maxHandoffs(${maxHandoffs})` });
      return state;
    }
    if (unreadBy(state.chat, participant).length > 0) return ask(participant, state, context);
    if (autonomous?.agents.has(participant) && state.autonomousTurns < autonomous.maxTurns) {
      const next = { ...state, autonomousTurns: state.autonomousTurns + 1 };
      return ask(participant, next, context, autonomous.prompt);
    }
    context.request(UserTurn, { participant, text });
    return { ...state, autonomousTurns: 0 };
  }

  /** Whether the condition holds, which then is the run's end. */
  async #isOver({ chat }: HandoffState, context: WorkflowContext): Promise<boolean> {
    const detail = await this.#options.until?.check(terminationViewOf(chat));
    if (detail === undefined) return false;
    context.setStopReason({ code: 'until', detail });
    return true;
  }

  /** H1 */
  #commit(state: HandoffState, context: WorkflowContext): void {
    // A step that outlives its run would change a conversation that has been gone on with, or reset.
    context.signal.throwIfAborted();
    this.#state = state;
  }
}

/** A turn that a participant has taken. */
interface TurnTaken {
  readonly participant: string;
  /** To whom it has handed the conversation. */
  readonly target: string | undefined;
  readonly text: string;
}

function handOver(
  source: string,
  target: string,
  state: HandoffState,
  context: WorkflowContext,
): HandoffState {
  context.emit(HandoffEvent({ source, target }));
  const next = { ...state, handoffs: state.handoffs + 1, autonomousTurns: 0 };
  return ask(target, next, context);
}

/** H2: gives a participant what it has not been given, and asks it for its turn. */
function ask(
  name: string,
  state: HandoffState,
  context: WorkflowContext,
  prompt?: string,
): HandoffState {
  const messages = unreadBy(state.chat, name);
  if (messages.length > 0)
    context.send(AgentExecutorRequest({ messages, shouldRespond: false }), { target: name });
  const chat = withRead(state.chat, [name]);
  // H3
  const isInformed = chat.informed.includes(name);
  const said = prompt ?? (isInformed ? undefined : handedToYou(state.chat.lastSpeaker));
  const instructions = said === undefined ? [] : [textMessage('user', said)];
  context.send(AgentExecutorRequest({ messages: instructions, shouldRespond: true }), {
    target: name,
  });
  return { ...state, chat: { ...chat, awaited: name }, askedInRun: context.runId };
}

/** Said to one who is handed the conversation back before anybody has said a word. */
function handedToYou(source = 'Another agent'): string {
  return `${source} has handed the conversation over to you. Please go on.`;
}

/** Whether somebody has been asked in this run and has not replied. */
function isAsking({ chat, askedInRun }: HandoffState, { runId }: WorkflowContext): boolean {
  return chat.awaited !== undefined && askedInRun === runId;
}

/** What an interrupted run had sent may be lost; it is sent again, and agents ignore what they know. */
function withNobodyAsked(state: HandoffState): HandoffState {
  const { chat } = state;
  return { ...state, chat: { ...chat, awaited: undefined, cursors: chat.confirmed } };
}
