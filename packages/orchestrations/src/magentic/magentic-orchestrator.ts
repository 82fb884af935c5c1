import {
  AgentExecutorResponse,
  AgentUpdate,
  ConfigurationError,
  Executor,
  type Handler,
  type Message,
  on,
  onResponse,
  type ResetContext,
  type ResponseHandler,
  textOf,
  visibleMessages,
  type WorkflowContext,
} from '@colloquy/core';

import { type ChatReply } from '../group-chat/chat-state.ts';
import { GroupChatEvent, GroupChatReply } from '../group-chat/group-chat-messages.ts';
import { responseOf } from '../shared/conversation.ts';
import { type ConversationInput, inputHandlers } from '../shared/conversation-input.ts';
import { type Participant } from '../shared/participants.ts';
import { MagenticCompletedError } from './magentic-errors.ts';
import { type MagenticManager } from './magentic-manager.ts';
import {
  MagenticEvent,
  PlanReview,
  type PlanReviewAnswer,
  type PlanReviewRequest,
  StallReview,
  type StallReviewAnswer,
} from './magentic-messages.ts';
import { type ResolvedSettings } from './magentic-options.ts';
import { type MagenticState, NO_TASK, parseSavedMagentic } from './magentic-state.ts';
import { MagenticStep } from './magentic-step.ts';

/** What a team's orchestrator is made from. */
export interface MagenticOrchestratorOptions {
  readonly workflowName: string;
  readonly manager: MagenticManager;
  readonly settings: ResolvedSettings;
}

/** The executor's id. */
export const MAGENTIC_ORCHESTRATOR = 'magentic_orchestrator';

/**
 * Leads a team that a manager plans for: plan, then progress ledger by progress ledger who does what, and the answer.
 *
 * Owns the task. Invariants:
 * - M1: a step that throws changes nothing: the state is replaced once the step has ended well.
 * - M2: a reply counts only from who was asked, and a review only for the plan that it was asked about.
 *
 * As Python `_magentic.py`. Differs from Python: replans and limits are those of the Magentic-One paper, participants are
 * matched by name whatever its spelling, and a failing ledger is a round without progress.
 */
export class MagenticOrchestrator extends Executor {
  override readonly emits: readonly [
    typeof MagenticEvent,
    typeof GroupChatEvent,
    typeof AgentUpdate,
  ] = [MagenticEvent, GroupChatEvent, AgentUpdate];
  readonly handlers: readonly Handler<
    ConversationInput | AgentExecutorResponse | GroupChatReply
  >[] = [
    ...inputHandlers((messages, context) => this.#onInput(messages, context)),
    on(AgentExecutorResponse, ({ executorId, response }, context) =>
      this.#onReply(executorId, response, context),
    ),
    on(GroupChatReply, ({ messages }, context) => {
      const [executorId = ''] = context.sourceIds;
      return this.#onReply(executorId, responseOf(executorId, messages), context);
    }),
  ];
  override readonly responseHandlers: readonly ResponseHandler[] = [
    onResponse(PlanReview, (answer, asked, context) => this.#onPlanReview(answer, asked, context)),
    onResponse(StallReview, (answer, _asked, context) => this.#onStallReview(answer, context)),
  ];
  readonly #options: MagenticOrchestratorOptions;
  #participants: readonly Participant[] = [];
  #state: MagenticState = NO_TASK;

  constructor(options: MagenticOrchestratorOptions) {
    super(MAGENTIC_ORCHESTRATOR);
    this.#options = options;
  }

  /** Tells the orchestrator who takes part. */
  setParticipants(participants: readonly Participant[]): void {
    this.#participants = participants;
  }

  /** Forgets the task, what the termination condition remembers, and what the manager does. */
  override async reset(context?: ResetContext): Promise<void> {
    this.#state = NO_TASK;
    this.#options.settings.until?.reset();
    await this.#options.manager.reset?.(context);
  }

  override onCheckpointSave(): unknown {
    const { manager, settings } = this.#options;
    return {
      state: this.#state,
      until: settings.until?.onCheckpointSave(),
      manager: manager.onCheckpointSave?.(),
    };
  }

  override onCheckpointRestore(saved: unknown): void {
    const { state, until, manager } = parseSavedMagentic(saved);
    this.#state = state;
    this.#options.settings.until?.onCheckpointRestore(until);
    this.#options.manager.onCheckpointRestore?.(manager);
  }

  async #onInput(messages: readonly Message[], context: WorkflowContext): Promise<void> {
    const input = visibleMessages(messages);
    const task = taskOf(input);
    const { phase, transcript, version } = this.#state;
    const { settings, workflowName } = this.#options;
    if (phase === 'done' && settings.afterCompletion === 'throw')
      throw new MagenticCompletedError(workflowName);
    if (phase === 'reviewing' || phase === 'stalled') {
      // What is said while a human looks at the plan is for the manager to know; the review goes on waiting.
      this.#state = { ...this.#state, transcript: [...transcript, ...input] };
      return;
    }
    settings.until?.reset();
    const { chat } = this.#state;
    const begun: MagenticState = { ...NO_TASK, version, chat: { ...chat, awaited: undefined } };
    // What was said of an earlier task stays known.
    await this.#step(begun, context, (step) => step.begin(input, task, transcript));
  }

  async #onReply(participant: string, reply: ChatReply, context: WorkflowContext): Promise<void> {
    // M2
    if (this.#state.phase !== 'working' || this.#state.chat.awaited !== participant) return;
    await this.#step(this.#state, context, (step) => step.reply(participant, reply));
  }

  async #onPlanReview(
    answer: PlanReviewAnswer,
    { version }: PlanReviewRequest,
    context: WorkflowContext,
  ): Promise<void> {
    // M2
    if (this.#state.phase !== 'reviewing' || this.#state.version !== version) return;
    await this.#step(this.#state, context, async (step) => {
      switch (answer.action) {
        case 'approve':
          return step.startPlan(answer.note);
        case 'revise':
          return step.revisePlan(answer.feedback);
        case 'replace':
          return step.replacePlan(answer.plan);
        case 'abort':
          return step.abort(answer.reason);
      }
    });
  }

  async #onStallReview(answer: StallReviewAnswer, context: WorkflowContext): Promise<void> {
    if (this.#state.phase !== 'stalled') return;
    await this.#step(this.#state, context, async (step) => {
      switch (answer.action) {
        case 'continue':
          return step.goOn();
        case 'guide':
          return step.goOn(answer.text);
        case 'replan':
          return step.replan();
        case 'abort':
          return step.abort(undefined);
      }
    });
  }

  /** M1 */
  async #step(
    from: MagenticState,
    context: WorkflowContext,
    take: (step: MagenticStep) => Promise<void>,
  ): Promise<void> {
    const step = new MagenticStep(
      { ...this.#options, participants: this.#participants },
      context,
      from,
    );
    await take(step);
    context.signal.throwIfAborted();
    this.#state = step.state;
  }
}

/** @throws {ConfigurationError} `magentic/no-task` where the last message says nothing. */
function taskOf(input: readonly Message[]): string {
  const last = input.findLast(({ role }) => role === 'user') ?? input.at(-1);
  const task = last === undefined ? '' : textOf(last).trim();
  if (task !== '') return task;
  throw new ConfigurationError(
    'Expected a task in words as the input of a Magentic team, got none. Pass a text, or messages of which the last one by a user is the task.',
    { code: 'magentic/no-task' },
  );
}
