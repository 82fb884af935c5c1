import {
  type AgentLike,
  AgentSession,
  ConfigurationError,
  isMessage,
  type Message,
  type ResetContext,
  textMessage,
  type WorkflowContext,
} from '@colloquy/core';

import { assertAsksNobody } from '../shared/assert-asks-nobody.ts';
import { describeValue } from '../shared/describe-value.ts';
import { textOfInvalidOutput } from '../shared/invalid-output.ts';
import { isRecord } from '../shared/is-record.ts';
import { assertRetries, DEFAULT_RETRIES } from '../shared/limits.ts';
import { matchName } from '../shared/participants.ts';
import {
  BaseGroupChatOrchestrator,
  type GroupChatOrchestratorOptions,
} from './base-orchestrator.ts';
import { SpeakerSelectionError } from './group-chat-errors.ts';
import { type GroupChatView, type NextSpeaker } from './group-chat-view.ts';
import { type SpeakerSelector } from './selectors.ts';
import {
  decisionPrompt,
  parseDecision,
  repairPrompt,
  type SpeakerDecision,
  speakerDecisionSchema,
} from './speaker-decision.ts';

/** How an agent leads a group chat. */
export interface AgentOrchestratorOptions {
  readonly agent: AgentLike;
  /** A session of the caller's: kept by reset, with a warning. Without one a new one is made at each reset. */
  readonly session?: AgentSession | undefined;
  /** How often an answer that cannot be used is asked for again, per turn; default 3. */
  readonly retries?: number | undefined;
  /** Who chooses where no answer of the agent could be used; without it that is a `SpeakerSelectionError`. */
  readonly fallback?: SpeakerSelector | undefined;
}

/**
 * Lets an agent choose the next speaker, by structured output.
 *
 * The agent reads only what was said since its last decision, then one instruction. An answer that cannot be used is
 * asked for again; a failed model call is not, it fails the run and what was not read stays unread.
 *
 * Owns the agent's session, unless the caller gave one, and what of the conversation the agent has read last.
 *
 * Invariants:
 * - L1: the session holds what led to decisions and the decisions, nothing of attempts that could not be used. Every
 *   attempt is made on a copy of it.
 *
 * As Python `AgentBasedGroupChatOrchestrator`. Differs from Python: a name is matched whatever its case, quotes and
 * underscores, and an unknown one is repaired and then an error, never the silent end of the chat.
 */
export class AgentOrchestrator extends BaseGroupChatOrchestrator {
  readonly #agent: AgentLike;
  readonly #retries: number;
  readonly #fallback: SpeakerSelector | undefined;
  readonly #suppliedSession: AgentSession | undefined;
  #session: AgentSession;
  /** The last message that led to a decision; a message rather than a count, because a step may be undone. */
  #lastRead: Message | undefined;

  /** @throws {ConfigurationError} when `retries` or `maxRounds` is out of range, or `fallback` is no function. */
  constructor(
    { agent, session, retries, fallback }: AgentOrchestratorOptions,
    options: GroupChatOrchestratorOptions,
  ) {
    super({ ...options, id: agent.name });
    this.#agent = agent;
    this.#retries = retries ?? DEFAULT_RETRIES;
    assertRetries(this.#retries);
    assertFallback(fallback);
    this.#fallback = fallback;
    this.#suppliedSession = session;
    this.#session = session ?? agent.createSession();
  }

  /** The session that the next decision goes on with. */
  get session(): AgentSession {
    return this.#session;
  }

  protected override async nextSpeaker(
    view: GroupChatView,
    context: WorkflowContext,
  ): Promise<NextSpeaker> {
    const asked = [...this.#unreadIn(view), textMessage('user', decisionPrompt(view))];
    const repairs: Message[] = [];
    let problem = '';
    for (let attempt = 0; attempt <= this.#retries; attempt += 1) {
      const answer = await this.#ask([...asked, ...repairs], context);
      // A call that outlives its run would bring an old conversation into the session.
      context.signal.throwIfAborted();
      const decision = parseDecision(answer.value, answer.text);
      const judged = 'problem' in decision ? decision : judge(decision, view);
      if (!('problem' in judged)) {
        this.#remember([...asked, ...answer.messages], answer.session);
        this.#lastRead = view.conversation.at(-1);
        return this.#toNextSpeaker(judged);
      }
      problem = judged.problem;
      repairs.push(...answer.messages, textMessage('user', repairPrompt(problem, view)));
    }
    if (this.#fallback !== undefined) return this.#fallback(view, context);
    throw this.#giveUp(problem, view);
  }

  #unreadIn({ conversation }: GroupChatView): readonly Message[] {
    if (this.#lastRead === undefined) return conversation;
    return conversation.slice(conversation.lastIndexOf(this.#lastRead) + 1);
  }

  /** L1: takes over the attempt that succeeded. */
  #remember(messages: readonly Message[], attempt: AgentSession): void {
    this.#session.append(messages);
    this.#session.state.clear();
    for (const [key, value] of attempt.state) this.#session.state.set(key, value);
  }

  /** A new session, unless the caller supplied one. */
  protected override _resetPatternState(context?: ResetContext): void | Promise<void> {
    this.#lastRead = undefined;
    this.#session = this.#suppliedSession ?? this.#agent.createSession();
    if (this.#suppliedSession !== undefined) {
      context?.logger.warn(
        `The orchestrator "${this.id}" keeps session "${this.#session.id}" at reset, because the caller supplied it: the agent still remembers it. Leave the session out, or pass a new one.`,
      );
    }
    return this.#fallback?.reset?.();
  }

  protected override savePatternState(): unknown {
    const fallback = this.#fallback?.onCheckpointSave?.();
    return { session: this.#session.toJSON(), lastRead: this.#lastRead, fallback };
  }

  /** Goes on with the session as it was then; one that the caller supplied is returned to at reset. */
  protected override restorePatternState(state: unknown): void {
    const saved: Record<string, unknown> = isRecord(state) ? state : {};
    const { session, lastRead, fallback } = saved;
    this.#session = AgentSession.fromJSON(session);
    this.#lastRead = isMessage(lastRead) ? lastRead : undefined;
    this.#fallback?.onCheckpointRestore?.(fallback);
  }

  #toNextSpeaker(decision: SpeakerDecision): NextSpeaker {
    if (!decision.terminate) return decision.nextSpeaker;
    const detail = decision.reason === '' ? {} : { detail: decision.reason };
    const finish = { code: 'orchestrator', ...detail };
    if (decision.finalMessage === undefined || decision.finalMessage === '') return { finish };
    return { finish, message: textMessage('assistant', decision.finalMessage, this.#agent.name) };
  }

  async #ask(messages: readonly Message[], context: WorkflowContext): Promise<Answer> {
    const { signal, runContext, idempotencyKey: runPath } = context;
    const session = new AgentSession(this.#session.toJSON());
    try {
      const response = await this.#agent.run(messages, {
        session,
        output: speakerDecisionSchema,
        signal,
        runContext,
        runPath,
      });
      context.reportUsage(response.usage);
      assertAsksNobody(response, 'the orchestrator');
      return { value: response.value, text: response.text, messages: response.messages, session };
    } catch (error) {
      const text = textOfInvalidOutput(error);
      if (text === undefined) throw error;
      const said = textMessage('assistant', text, this.#agent.name);
      return { value: undefined, text, messages: [said], session };
    }
  }

  #giveUp(problem: string, { candidates }: GroupChatView): SpeakerSelectionError {
    const names = candidates.map(({ name }) => name);
    return new SpeakerSelectionError(
      `The orchestrator agent "${this.#agent.name}" did not name a next speaker in ${this.#retries + 1} attempts: ${problem}. Expected one of ${names.join(', ')}. Improve its instructions, use a stronger model, or choose with selectSpeaker.`,
      names,
    );
  }
}

interface Answer {
  readonly value: unknown;
  readonly text: string;
  /** What the agent said, tool calls and results included. */
  readonly messages: readonly Message[];
  /** The copy of the session that the attempt was made on. */
  readonly session: AgentSession;
}

function assertFallback(fallback: unknown): void {
  if (fallback === undefined || typeof fallback === 'function') return;
  throw new ConfigurationError(
    `Expected fallback to be a function that names the next speaker, got ${describeValue(fallback)}. Pass (view) => name, or roundRobin().`,
    { code: 'group-chat/orchestrator' },
  );
}

/** Resolves the named speaker, or says what is wrong with the name. */
function judge(
  decision: SpeakerDecision,
  view: GroupChatView,
): SpeakerDecision | { readonly problem: string } {
  if (decision.terminate) return decision;
  const { nextSpeaker: named } = decision;
  if (named === undefined) return { problem: 'terminate is false but next_speaker is missing' };
  const all = view.participants.map((participant) => participant.name);
  const name = matchName(named, all);
  if (name === undefined)
    return { problem: `next_speaker is ${JSON.stringify(named)}, which is no participant` };
  const maySpeak = view.candidates.some((candidate) => candidate.name === name);
  return maySpeak
    ? { ...decision, nextSpeaker: name }
    : { problem: `next_speaker is "${name}", who may not speak after "${view.lastSpeaker}"` };
}
