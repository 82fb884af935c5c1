import {
  AgentExecutorRequest,
  AgentExecutorReset,
  type AgentResponse,
  AgentUpdate,
  type Message,
  type StopReason,
  textMessage,
  visibleMessages,
  type WorkflowContext,
} from '@colloquy/core';

import {
  type ChatReply,
  EMPTY_CHAT,
  unreadBy,
  withRead,
  withSpent,
  withSpoken,
} from '../group-chat/chat-state.ts';
import { GroupChatEvent, GroupChatRequest } from '../group-chat/group-chat-messages.ts';
import { deepFreeze, responseOf } from '../shared/conversation.ts';
import { type Participant } from '../shared/participants.ts';
import { judgeLedger, type ProgressLedger, type TaskLedger } from './ledgers.ts';
import { MagenticLimitError, ProgressLedgerError } from './magentic-errors.ts';
import { type MagenticContext, type MagenticManager } from './magentic-manager.ts';
import { MagenticEvent, PlanReview, StallReview } from './magentic-messages.ts';
import { type ResolvedSettings } from './magentic-options.ts';
import { type MagenticState } from './magentic-state.ts';
import { describeTeam, renderPrompt } from './prompts.ts';

/** What the steps of one orchestrator work with. */
export interface MagenticStepOptions {
  readonly workflowName: string;
  readonly manager: MagenticManager;
  readonly participants: readonly Participant[];
  readonly settings: ResolvedSettings;
}

/** The author of instructions and plans where the manager has no name. */
const MANAGER = 'magentic_manager';

/**
 * One step of a team's work: from an input, a reply or a human's answer to the next one who is asked.
 *
 * Owns the state that the step arrives at; the orchestrator takes it over when the step has ended well, so that one
 * that throws changes nothing.
 *
 * Invariants:
 * - S1: the loops are iterative, and every way round them uses up a round or a replan.
 * - S2: the manager thinks over the whole transcript before a replan drops it.
 * - S3: participants are told to start afresh once a step, however often the plan is made anew: what a step holds does not
 *   grow with the manager's attempts.
 */
export class MagenticStep {
  readonly #options: MagenticStepOptions;
  readonly #context: WorkflowContext;
  #state: MagenticState;
  #hasRestarted = false;

  constructor(options: MagenticStepOptions, context: WorkflowContext, state: MagenticState) {
    this.#options = options;
    this.#context = context;
    this.#state = state;
  }

  get state(): MagenticState {
    return this.#state;
  }

  /** Makes the first plan and begins to work, or lets a human look at it. */
  async begin(input: readonly Message[], task: string, before: readonly Message[]): Promise<void> {
    this.#change({ input, task, transcript: [...before, ...input] });
    const ledger = await this.#options.manager.plan(this.#managerContext());
    this.#takePlan(ledger, 'plan_created');
    if (this.#options.settings.planReview === 'never') await this.startPlan();
    else this.#askForReview(false);
  }

  /** Takes over a reply and goes on. */
  async reply(participant: string, reply: ChatReply): Promise<void> {
    const { round, chat, transcript } = this.#state;
    this.#context.emit(
      GroupChatEvent({ kind: 'response_received', round: round - 1, participant }),
    );
    const said = visibleMessages(reply.messages, participant);
    const spoken = withSpent(withSpoken(chat, said, participant), reply);
    this.#change({
      transcript: [...transcript, ...said],
      chat: {
        ...spoken,
        round,
        totalRounds: round,
        awaited: undefined,
        confirmed: spoken.cursors,
        informed: spoken.informed.filter((name) => name !== participant),
      },
    });
    await this.work();
  }

  /** Shares a plan that nobody objects to, and goes on. */
  async startPlan(note?: string): Promise<void> {
    const { transcript, chat } = this.#state;
    const message = textMessage('assistant', this.#describeLedger(), this.#managerName);
    const notes = note === undefined || note === '' ? [] : [textMessage('user', note)];
    const shared = this.#options.settings.shareLedger ? [message, ...notes] : notes;
    this.#change({
      phase: 'working',
      transcript: [...transcript, message, ...notes],
      chat: withSpoken(chat, shared),
    });
    await this.work();
  }

  /** Makes the plan anew as a human says, and lets them look at it. */
  async revisePlan(feedback: string): Promise<void> {
    const ledger = await this.#options.manager.revisePlan(this.#managerContext(), feedback);
    this.#takePlan(ledger, 'replanned');
    this.#askForReview(false);
  }

  /** Takes a human's plan. */
  async replacePlan(plan: string): Promise<void> {
    this.#takePlan({ facts: this.#state.ledger?.facts ?? '', plan }, 'replanned');
    await this.startPlan();
  }

  /** Goes on after a stall, with advice where there is some. */
  async goOn(advice?: string): Promise<void> {
    const notes = advice === undefined ? [] : [textMessage('user', advice)];
    const { transcript } = this.#state;
    this.#change({ phase: 'working', stallCount: 0, transcript: [...transcript, ...notes] });
    const { progress } = this.#state;
    if (advice === undefined && progress !== undefined) this.#instruct(progress);
    else await this.work();
  }

  /** Makes the plan anew, and goes on unless a human looks at it. */
  async replan(): Promise<void> {
    if (await this.#replan()) await this.work();
  }

  /** Ends the task without an answer. */
  abort(reason: string | undefined): void {
    this.#context.setStopReason({
      code: 'aborted',
      ...(reason === undefined ? {} : { detail: reason }),
    });
    this.#change({ phase: 'done' });
  }

  /** S1: from limits by the ledger to the next who is asked, or to the end. */
  async work(): Promise<void> {
    const { maxRounds, maxStalls, stallReview } = this.#options.settings;
    for (;;) {
      const limit = await this.#limit();
      if (limit !== undefined) return this.#finish(limit);
      const ledger = await this.#progress();
      const verdict = judgeLedger(ledger, this.#state.stallCount, maxStalls);
      this.#change({
        stallCount: verdict.stalls,
        ...(ledger === undefined ? {} : { progress: ledger }),
      });
      if (verdict.next === 'finish') return this.#finish({ code: 'satisfied' });
      // The reply of the last round has been looked at.
      if (this.#state.round >= maxRounds)
        return this.#finish({ code: 'maxRounds', detail: `maxRounds(${maxRounds})` });
      if (verdict.next === 'speak' && ledger !== undefined) return this.#instruct(ledger);
      if (verdict.next === 'again') this.#change({ round: this.#state.round + 1 });
      else if (stallReview) return this.#askAboutStall();
      else if (!(await this.#replan())) return;
    }
  }

  async #limit(): Promise<StopReason | undefined> {
    const { maxManagerCalls, until } = this.#options.settings;
    const { managerCalls, chat, round } = this.#state;
    if (managerCalls >= maxManagerCalls)
      return { code: 'maxManagerCalls', detail: `maxManagerCalls(${maxManagerCalls})` };
    const conversation = chat.conversation.map(({ message }) => message);
    const { usage, toolCalls } = chat;
    const view = { conversation, fullConversation: conversation, round, totalRounds: round };
    const detail = await until?.check(deepFreeze({ ...view, usage, toolCalls }));
    return detail === undefined ? undefined : { code: 'until', detail };
  }

  /** The progress ledger; `undefined` where the manager gives none. */
  async #progress(): Promise<ProgressLedger | undefined> {
    const { stallCount, round } = this.#state;
    try {
      const progress = await this.#options.manager.progress(this.#managerContext());
      this.#context.signal.throwIfAborted();
      this.#emit({ kind: 'progress_ledger_updated', progress, round });
      const { isInLoop, isProgressBeingMade, isRequestSatisfied } = progress;
      const isStall = isInLoop.answer || !isProgressBeingMade.answer;
      const { reason } = isInLoop.answer ? isInLoop : isProgressBeingMade;
      if (isStall && !isRequestSatisfied.answer)
        this.#emit({ kind: 'stall', stallCount: stallCount + 1, reason });
      return progress;
    } catch (error) {
      if (!ProgressLedgerError.isInstance(error)) throw error;
      this.#emit({ kind: 'stall', stallCount: stallCount + 1, reason: error.message });
      return undefined;
    }
  }

  /** S2; says whether the work goes on. */
  async #replan(): Promise<boolean> {
    const { maxReplans, planReview } = this.#options.settings;
    const { replanCount, input } = this.#state;
    if (replanCount >= maxReplans) {
      await this.#finish({ code: 'maxReplans', detail: `maxReplans(${maxReplans})` });
      return false;
    }
    const ledger = await this.#options.manager.replan(this.#managerContext());
    this.#change({ replanCount: replanCount + 1 });
    this.#takePlan(ledger, 'replanned');
    this.#restartParticipants();
    this.#change({ transcript: input, chat: EMPTY_CHAT, stallCount: 0 });
    if (planReview === 'always') {
      this.#askForReview(true);
      return false;
    }
    const message = textMessage('assistant', this.#describeLedger(), this.#managerName);
    const shared = this.#options.settings.shareLedger ? [message] : [];
    this.#change({
      phase: 'working',
      transcript: [...input, message],
      chat: withSpoken(EMPTY_CHAT, shared),
    });
    return true;
  }

  /** S3 */
  #restartParticipants(): void {
    if (this.#hasRestarted) return;
    this.#hasRestarted = true;
    for (const { name, kind } of this.#options.participants)
      if (kind === 'agent') this.#context.send(AgentExecutorReset(), { target: name });
  }

  #takePlan(ledger: TaskLedger, kind: 'plan_created' | 'replanned'): void {
    this.#context.signal.throwIfAborted();
    const version = this.#state.version + 1;
    this.#change({ ledger, version });
    this.#emit({ kind, ledger, version });
  }

  #askForReview(isStalled: boolean): void {
    const { ledger, progress, version } = this.#state;
    this.#change({ phase: 'reviewing' });
    const { plan, facts } = ledger ?? { plan: '', facts: '' };
    const seen = progress === undefined ? {} : { progress };
    this.#context.request(PlanReview, { plan, facts, isStalled, version, ...seen });
  }

  #askAboutStall(): void {
    const { ledger, progress, stallCount } = this.#state;
    this.#change({ phase: 'stalled' });
    const seen = progress === undefined ? {} : { progress };
    this.#context.request(StallReview, { plan: ledger?.plan ?? '', stallCount, ...seen });
  }

  /** Tells the next speaker what to do. */
  #instruct({ nextSpeaker, instructionOrQuestion }: ProgressLedger): void {
    const { answer: name } = nextSpeaker;
    const { answer: instruction } = instructionOrQuestion;
    const { round, transcript } = this.#state;
    this.#emit({ kind: 'participant_selected', participant: name, instruction, round });
    this.#broadcast();
    this.#context.emit(GroupChatEvent({ kind: 'request_sent', round, participant: name }));
    const told = textMessage('assistant', instruction, this.#managerName);
    this.#ask(name, textMessage('user', instruction), round);
    this.#change({
      round: round + 1,
      transcript: [...transcript, told],
      chat: { ...this.#state.chat, awaited: name },
    });
  }

  #ask(name: string, instruction: Message, round: number): void {
    const participant = this.#options.participants.find((other) => other.name === name);
    if (participant?.kind !== 'executor') {
      const request = AgentExecutorRequest({ messages: [instruction], shouldRespond: true });
      this.#context.send(request, { target: name });
      return;
    }
    const { chat } = this.#state;
    const messages = [...unreadBy(chat, name), instruction];
    const conversation = [...chat.conversation.map(({ message }) => message), instruction];
    this.#change({ chat: withRead(chat, [name]) });
    this.#context.send(GroupChatRequest({ participant: name, round, messages, conversation }), {
      target: name,
    });
  }

  /** Gives every agent what it has not been given. */
  #broadcast(): void {
    const { chat } = this.#state;
    const agents = this.#options.participants
      .filter(({ kind }) => kind === 'agent')
      .map(({ name }) => name);
    for (const target of agents) {
      const messages = unreadBy(chat, target);
      if (messages.length === 0) continue;
      this.#context.send(AgentExecutorRequest({ messages, shouldRespond: false }), { target });
    }
    this.#change({ chat: withRead(chat, agents) });
  }

  /** Ends the task with the answer, or with what a limit leads to. */
  async #finish(reason: StopReason): Promise<void> {
    const { onLimit } = this.#options.settings;
    const isLimit = reason.code !== 'satisfied';
    if (isLimit) this.#emit({ kind: 'limit_reached', limit: reason.code });
    if (isLimit && onLimit === 'throw')
      throw new MagenticLimitError(this.#options.workflowName, reason.code);
    this.#broadcast();
    const response =
      isLimit && onLimit === 'message' ? this.#limitResponse(reason) : await this.#answer();
    this.#context.signal.throwIfAborted();
    this.#context.setStopReason(reason);
    this.#context.yield(response);
    this.#change({ phase: 'done', transcript: [...this.#state.transcript, ...response.messages] });
  }

  async #answer(): Promise<AgentResponse> {
    const message = await this.#options.manager.finalAnswer(this.#managerContext());
    return responseOf(this.#managerName, visibleMessages([message], this.#managerName));
  }

  #limitResponse({ code }: StopReason): AgentResponse {
    const text = `The work ended at its limit ${code} before the task was done.`;
    return responseOf(this.#managerName, [textMessage('assistant', text, this.#managerName)]);
  }

  get #managerName(): string {
    return this.#options.manager.name ?? MANAGER;
  }

  #describeLedger(): string {
    const { task, ledger } = this.#state;
    const { facts, plan } = ledger ?? { facts: '', plan: '' };
    const team = describeTeam(this.#options.participants);
    return renderPrompt(this.#options.settings.prompts.taskLedger, { task, team, facts, plan });
  }

  #managerContext(): MagenticContext {
    const { task, transcript, ledger, round, stallCount, replanCount } = this.#state;
    const { signal, runContext, streaming, emit, reportUsage, idempotencyKey } = this.#context;
    const { participants } = this.#options;
    return {
      task,
      participants: participants.map(({ name, description }) => ({ name, description })),
      transcript: deepFreeze([...transcript]),
      ledger,
      round,
      stallCount,
      replanCount,
      signal,
      runContext,
      runPath: idempotencyKey,
      countCall: (usage) => {
        this.#change({ managerCalls: this.#state.managerCalls + 1 });
        reportUsage(usage);
      },
      onUpdate: streaming ? (update) => emit(AgentUpdate({ update })) : undefined,
    };
  }

  #emit(event: Parameters<typeof MagenticEvent>[0]): void {
    this.#context.emit(MagenticEvent(event));
  }

  #change(changes: Partial<MagenticState>): void {
    this.#state = { ...this.#state, ...changes };
  }
}
