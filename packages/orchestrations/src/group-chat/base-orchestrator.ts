import {
  AgentExecutorRequest,
  AgentExecutorResponse,
  ConfigurationError,
  Executor,
  type Handler,
  type Message,
  on,
  type ResetContext,
  textMessage,
  visibleMessages,
  type WorkflowContext,
} from '@colloquy/core';

import { deepFreeze, responseOf } from '../shared/conversation.ts';
import { type ConversationInput, inputHandlers } from '../shared/conversation-input.ts';
import { assertLimit } from '../shared/limits.ts';
import { type Participant } from '../shared/participants.ts';
import { toTerminationCondition, type TerminationPredicate } from '../termination/predicate.ts';
import { type TerminationCondition } from '../termination/termination-condition.ts';
import {
  type ChatReply,
  type ChatState,
  EMPTY_CHAT,
  parseSavedChat,
  terminationViewOf,
  unreadBy,
  unreadSince,
  withHanded,
  withLateReply,
  withRead,
  withReply,
  withRunBegun,
  withSpoken,
} from './chat-state.ts';
import { notACandidate } from './group-chat-errors.ts';
import { assertView, assertViewed, type ConversationViewOption } from './conversation-view.ts';
import { GroupChatEvent, GroupChatReply, GroupChatRequest } from './group-chat-messages.ts';
import {
  type FinishChat,
  type GroupChatView,
  isFinishChat,
  type NextSpeaker,
} from './group-chat-view.ts';
import { assertTurnRules, candidatesOf, type TurnRules } from './transitions.ts';

/** How many turns a run may have when nothing else is said. */
export const DEFAULT_MAX_ROUNDS = 40;

/** Said to one who speaks twice in a row, since nobody is invoked with nothing to read. */
const YOUR_TURN_AGAIN = 'It is your turn again: nobody else has spoken since. Please go on.';

/** Frozen, so that checkpoints store it once. */
const YOUR_TURN = deepFreeze(AgentExecutorRequest({ messages: [], shouldRespond: true }));

/** How a group chat is led. */
export interface GroupChatOrchestratorOptions extends TurnRules {
  /** The executor's id, and the author of the orchestrator's own messages; default `group_chat_orchestrator`. */
  readonly id?: string | undefined;
  /** The most turns of one run; default 40. `Infinity` must be asked for. */
  readonly maxRounds?: number | undefined;
  /** Ends a run; looks only at what the run adds. */
  readonly until?: TerminationCondition | TerminationPredicate | undefined;
  /** What participants read of each other; default `all`. */
  readonly view?: ConversationViewOption | undefined;
}

/** What a group chat takes. */
export type GroupChatInput = ConversationInput;

/**
 * Leads a group chat: keeps the conversation, decides when it ends, and asks one participant after another.
 *
 * Subclasses say who speaks next, and clear in `_resetPatternState` what they remember beside the conversation.
 *
 * Owns the conversation. Invariants:
 * - O1: a step that throws changes nothing: input and replies are taken over once the next speaker is known.
 * - O2: everybody is given every visible message once, but not their own; with a view, what it shows of them.
 * - O3: nobody is asked with nothing to read.
 * - O4: on a reply: store, `until`, round limit, select, broadcast, request; limits are checked on input too.
 * - O5: an agent that had waited for a human while the chat went on is heard, but has no turn.
 *
 * As Python `_base_group_chat_orchestrator.py`. Differs from Python: `maxRounds` and `until` apply to one run, the
 * reply that ends a chat is still delivered to the others, and there is no closing sentence.
 */
export abstract class BaseGroupChatOrchestrator extends Executor {
  readonly maxRounds: number;
  override readonly emits: readonly [typeof GroupChatEvent] = [GroupChatEvent];
  readonly handlers: readonly Handler<GroupChatInput | AgentExecutorResponse | GroupChatReply>[] = [
    ...inputHandlers((messages, context) => this.#onInput(messages, context)),
    on(AgentExecutorResponse, ({ executorId, response }, context) =>
      this.#onReply(executorId, response, context),
    ),
    on(GroupChatReply, ({ messages }, context) => this.#onCustomReply(messages, context)),
  ];
  readonly #until: TerminationCondition | undefined;
  readonly #rules: TurnRules;
  readonly #view: ConversationViewOption;
  #participants: readonly Participant[] = [];
  #state: ChatState = EMPTY_CHAT;

  /** @throws {ConfigurationError} when `maxRounds` is below 1, or `view` is no view. */
  constructor(options: GroupChatOrchestratorOptions = {}) {
    super(options.id ?? 'group_chat_orchestrator');
    this.maxRounds = options.maxRounds ?? DEFAULT_MAX_ROUNDS;
    assertLimit('maxRounds', this.maxRounds);
    this.#until = options.until === undefined ? undefined : toTerminationCondition(options.until);
    this.#rules = { allowRepeat: options.allowRepeat, transitions: options.transitions };
    this.#view = options.view ?? 'all';
    assertView(this.#view);
  }

  /**
   * Tells the orchestrator who takes part; called by `groupChat` when a workflow instance is made.
   *
   * @throws {ConfigurationError} when `transitions` name somebody else.
   */
  setParticipants(participants: readonly Participant[]): void {
    const names = participants.map(({ name }) => name);
    assertTurnRules(this.#rules, names);
    this.#participants = participants;
  }

  /** Everything said since the last reset, in order; frozen messages. */
  get conversation(): readonly Message[] {
    return this.#state.conversation.map(({ message }) => message);
  }

  /** Turns taken in the present or last run. */
  get round(): number {
    return this.#state.round;
  }

  /**
   * Forgets the conversation, the rounds and what the termination condition remembers, then calls
   * `_resetPatternState()`.
   */
  override reset(context?: ResetContext): void | Promise<void> {
    this.#state = EMPTY_CHAT;
    this.#until?.reset();
    return this._resetPatternState(context);
  }

  override onCheckpointSave(): unknown {
    return {
      chat: this.#state,
      until: this.#until?.onCheckpointSave(),
      pattern: this.savePatternState(),
    };
  }

  override onCheckpointRestore(saved: unknown): void {
    const { chat, until, pattern } = parseSavedChat(saved);
    this.#state = chat;
    this.#until?.onCheckpointRestore(until);
    this.restorePatternState(pattern);
  }

  /**
   * Names who speaks next; `null` ends the chat.
   *
   * @param view - Deep-frozen; changing it is impossible.
   */
  protected abstract nextSpeaker(
    view: GroupChatView,
    context: WorkflowContext,
  ): NextSpeaker | Promise<NextSpeaker>;

  /** Clears what a subclass remembers; called by `reset()` after the shared conversation is cleared. */
  protected _resetPatternState(_context?: ResetContext): void | Promise<void> {}

  /** What a subclass remembers, for a checkpoint. */
  protected savePatternState(): unknown {
    return undefined;
  }

  /** Takes over what `savePatternState` gave. */
  protected restorePatternState(_state: unknown): void {}

  async #onInput(messages: readonly Message[], context: WorkflowContext): Promise<void> {
    if (messages.length === 0) {
      throw new ConfigurationError(
        'Expected at least one message as the input of a group chat, got an empty list. Pass the task as a text or a message.',
        { code: 'group-chat/empty-input' },
      );
    }
    this.#until?.reset();
    const begun = withRunBegun(this.#state);
    await this.#proceed(withSpoken(begun, visibleMessages(messages)), context);
  }

  async #onCustomReply(messages: readonly Message[], context: WorkflowContext): Promise<void> {
    const [executorId = ''] = context.sourceIds;
    const spoken = visibleMessages(messages, executorId);
    const response = responseOf(executorId, spoken);
    // One that replies twice has no second turn.
    if (this.#state.awaited !== executorId) return;
    if (this.#isOutput(executorId)) context.yield(response);
    await this.#onReply(executorId, response, context);
  }

  /** Whether the reply of an executor that is no agent is put out; an agent's executor yields its own. */
  #isOutput(name: string): boolean {
    const participant = this.#participants.find((other) => other.name === name);
    return participant?.isOutput === true;
  }

  async #onReply(participant: string, reply: ChatReply, context: WorkflowContext): Promise<void> {
    const { round, awaited } = this.#state;
    if (awaited !== participant) {
      // O5
      this.#state = withLateReply(this.#state, participant, reply);
      return;
    }
    context.emit(GroupChatEvent({ kind: 'response_received', round, participant }));
    await this.#proceed(withReply(this.#state, participant, reply), context);
  }

  /** O4 from "store" on; O1: the state is replaced last. */
  async #proceed(state: ChatState, context: WorkflowContext): Promise<void> {
    const next = (await this.#checkLimits(state)) ?? (await this.#select(state, context));
    const view = typeof next === 'string' ? await this.#viewFor(next, state, context) : undefined;
    // O1: a step that outlives its run would change a conversation that has been gone on with, or reset.
    context.signal.throwIfAborted();
    if (typeof next === 'string') this.#state = this.#ask(next, view, state, context);
    else this.#state = this.#finish(next, state, context);
  }

  async #checkLimits(state: ChatState): Promise<FinishChat | undefined> {
    const detail = await this.#until?.check(terminationViewOf(state));
    if (detail !== undefined) return { finish: { code: 'until', detail } };
    if (state.round < this.maxRounds) return undefined;
    return { finish: { code: 'maxRounds', detail: `maxRounds(${this.maxRounds})` } };
  }

  async #select(state: ChatState, context: WorkflowContext): Promise<string | FinishChat> {
    const view = this.#viewOf(state);
    if (view.candidates.length === 0) {
      const detail = `nobody may speak after "${state.lastSpeaker}"`;
      return { finish: { code: 'selector', detail } };
    }
    const chosen = await this.nextSpeaker(view, context);
    if (chosen === null || chosen === undefined) return { finish: { code: 'selector' } };
    if (isFinishChat(chosen)) return chosen;
    if (view.candidates.some(({ name }) => name === chosen)) return chosen;
    throw notACandidate(chosen, view);
  }

  #viewOf(state: ChatState): GroupChatView {
    const participants = Object.freeze(
      this.#participants.map(({ name, description }) => Object.freeze({ name, description })),
    );
    // Who begins a run speaks after the caller.
    const before = state.round === 0 ? undefined : state.lastSpeaker;
    return Object.freeze({
      round: state.round,
      totalRounds: state.totalRounds,
      participants,
      candidates: Object.freeze(candidatesOf(participants, before, this.#rules)),
      conversation: Object.freeze(state.conversation.map(({ message }) => message)),
      lastSpeaker: state.lastSpeaker,
    });
  }

  /** What the next speaker reads, where not everything: what it was given and has not answered, then what is new. */
  async #viewFor(
    participant: string,
    state: ChatState,
    context: WorkflowContext,
  ): Promise<readonly Message[] | undefined> {
    const view = this.#view;
    if (view === 'all') return undefined;
    const { messages: before = [], upTo = state.cursors[participant] ?? 0 } =
      state.handed[participant] ?? {};
    const spoken = unreadSince(state, participant, upTo);
    if (view === 'own') {
      const input = spoken.filter(({ speaker }) => speaker === undefined);
      return [...before, ...input.map(({ message }) => message)];
    }
    const unread = Object.freeze(spoken.map(({ message }) => message));
    const conversation = Object.freeze(state.conversation.map(({ message }) => message));
    const given: unknown = await view({ participant, unread, conversation }, context);
    assertViewed(given, participant);
    // O2: a view may give of the whole conversation, whose other parts were given, or left out, before.
    const [fresh, said] = [new Set(unread), new Set(conversation)];
    return [...before, ...given.filter((message) => fresh.has(message) || !said.has(message))];
  }

  /** Tells who reads it what was said, then asks the next speaker. */
  #ask(
    name: string,
    view: readonly Message[] | undefined,
    state: ChatState,
    context: WorkflowContext,
  ): ChatState {
    const told = view === undefined ? this.#broadcast(state, context) : state;
    const participant = this.#participants.find((other) => other.name === name);
    context.emit(GroupChatEvent({ kind: 'request_sent', round: state.round, participant: name }));
    if (participant?.kind === 'executor')
      this.#askExecutor(name, view ?? unreadBy(told, name), told, context);
    else this.#askAgent(name, view, told, context);
    const read = view === undefined ? withRead(told, [name]) : withHanded(told, name, view);
    return { ...read, awaited: name };
  }

  #askAgent(
    name: string,
    view: readonly Message[] | undefined,
    state: ChatState,
    context: WorkflowContext,
  ): void {
    // A note first: an agent ignores what it knows of one, which it does where its last turn was interrupted.
    if (view !== undefined && view.length > 0)
      context.send(deepFreeze(AgentExecutorRequest({ messages: view, shouldRespond: false })), {
        target: name,
      });
    const isInformed = view === undefined ? state.informed.includes(name) : view.length > 0;
    // O3: an agent that has been given nothing since its last turn is told that it is its turn.
    const request = isInformed
      ? YOUR_TURN
      : AgentExecutorRequest({
          messages: [textMessage('user', YOUR_TURN_AGAIN)],
          shouldRespond: true,
        });
    context.send(request, { target: name });
  }

  #askExecutor(
    name: string,
    unread: readonly Message[],
    state: ChatState,
    context: WorkflowContext,
  ): void {
    const messages = unread.length > 0 ? unread : [textMessage('user', YOUR_TURN_AGAIN)];
    const conversation = state.conversation.map(({ message }) => message);
    const { round } = state;
    context.send(GroupChatRequest({ participant: name, round, messages, conversation }), {
      target: name,
    });
  }

  /** O2: gives every agent what it has not been given. */
  #broadcast(state: ChatState, context: WorkflowContext): ChatState {
    const agents = this.#participants
      .filter(({ kind }) => kind === 'agent')
      .map(({ name }) => name);
    const requests: AgentExecutorRequest[] = [];
    for (const target of agents) {
      const messages = unreadBy(state, target);
      if (messages.length === 0) continue;
      // Who reads the same gets the same object, which checkpoints store once.
      let request = requests.find((other) => isSameList(other.messages, messages));
      if (request === undefined) {
        request = deepFreeze(AgentExecutorRequest({ messages, shouldRespond: false }));
        requests.push(request);
      }
      context.send(request, { target });
    }
    return withRead(state, agents);
  }

  #finish({ finish, message }: FinishChat, state: ChatState, context: WorkflowContext): ChatState {
    context.setStopReason(finish);
    // What ends a chat before anybody has spoken in it is delivered together with what comes next.
    const isTold = this.#view === 'all' && state.round > 0;
    const told = isTold ? this.#broadcast(state, context) : state;
    if (message === undefined) return told;
    const own = visibleMessages([message], this.id);
    context.yield(responseOf(this.id, own));
    return withSpoken(told, own, this.id);
  }
}

function isSameList(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index]);
}
