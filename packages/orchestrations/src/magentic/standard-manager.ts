import {
  type AgentLike,
  type AgentResponse,
  AgentSession,
  type Message,
  type ResetContext,
  textMessage,
  textOf,
  visibleMessages,
} from '@colloquy/core';

import { assertAsksNobody } from '../shared/assert-asks-nobody.ts';
import { textOfInvalidOutput } from '../shared/invalid-output.ts';
import { assertRetries, DEFAULT_RETRIES } from '../shared/limits.ts';
import { type ProgressLedger, type TaskLedger } from './ledgers.ts';
import { ProgressLedgerError } from './magentic-errors.ts';
import { type MagenticContext, type MagenticManager } from './magentic-manager.ts';
import { parseLedger, PROGRESS_LEDGER_SHAPE, progressLedgerSchema } from './parse-ledger.ts';
import { describeTeam, type MagenticPrompts, promptsWith, renderPrompt } from './prompts.ts';

/** How an agent manages a team. */
export interface StandardManagerOptions {
  readonly agent: AgentLike;
  /** A session of the caller's, whose history precedes every question; never changed, and kept by reset, with a warning. */
  readonly session?: AgentSession | undefined;
  /** How often a progress ledger is asked for again after an answer that cannot be used; default 3. */
  readonly retries?: number | undefined;
  /** In place of ours. */
  readonly prompts?: Partial<MagenticPrompts> | undefined;
  /** The language in which the manager is to answer, such as `German`. */
  readonly language?: string | undefined;
}

/**
 * Manages a team by an agent's model, as the Magentic-One paper does.
 *
 * Owns nothing: everything it asks is made of the context it is given, so nothing can be left over.
 * A plan takes two calls, a progress ledger one and its repairs, the answer one.
 */
export class StandardMagenticManager implements MagenticManager {
  readonly name: string;
  readonly #agent: AgentLike;
  readonly #session: AgentSession | undefined;
  readonly #retries: number;
  readonly #prompts: MagenticPrompts;
  readonly #language: string | undefined;

  /** @throws {ConfigurationError} `magentic/invalid-prompt`, or for retries below 0. */
  constructor({
    agent,
    session,
    retries = DEFAULT_RETRIES,
    prompts = {},
    language,
  }: StandardManagerOptions) {
    assertRetries(retries);
    this.name = agent.name;
    this.#agent = agent;
    this.#session = session;
    this.#retries = retries;
    this.#prompts = promptsWith(prompts);
    this.#language = language;
  }

  async plan(context: MagenticContext): Promise<TaskLedger> {
    return this.#askTwice(context, this.#prompts.facts, this.#prompts.plan);
  }

  async revisePlan(context: MagenticContext, feedback: string): Promise<TaskLedger> {
    return this.#askTwice(context, this.#prompts.factsUpdate, this.#prompts.planRevision, feedback);
  }

  async replan(context: MagenticContext): Promise<TaskLedger> {
    return this.#askTwice(context, this.#prompts.factsUpdate, this.#prompts.planUpdate);
  }

  async progress(context: MagenticContext): Promise<ProgressLedger> {
    const names = context.participants.map(({ name }) => name);
    const asked = [...context.transcript, this.#question(this.#prompts.progress, context)];
    const repairs: Message[] = [];
    let problem = '';
    for (let attempt = 0; attempt <= this.#retries; attempt += 1) {
      const answer = await this.#askForLedger([...asked, ...repairs], context);
      context.signal.throwIfAborted();
      const ledger = parseLedger(answer.value, answer.text, names);
      if (!('problem' in ledger)) return ledger;
      problem = ledger.problem;
      repairs.push(
        textMessage('assistant', answer.text === '' ? '(nothing)' : answer.text, this.name),
        textMessage(
          'user',
          `Your last answer cannot be used: ${problem}. Answer again with the JSON object alone; next_speaker must be one of: ${names.join(', ')}.`,
        ),
      );
    }
    throw new ProgressLedgerError(this.name, this.#retries + 1, problem);
  }

  async finalAnswer(context: MagenticContext): Promise<Message> {
    const { onUpdate } = context;
    const messages = [...context.transcript, this.#question(this.#prompts.finalAnswer, context)];
    const options = this.#runOptions(context);
    if (onUpdate === undefined)
      return this.#answerOf(await this.#agent.run(messages, options), context);
    const stream = this.#agent.stream(messages, options);
    for await (const update of stream) onUpdate(update);
    return this.#answerOf(await stream.response, context);
  }

  /** There is nothing to forget; a session of the caller's is kept. */
  reset(context?: ResetContext): void {
    if (this.#session === undefined) return;
    context?.logger.warn(
      `The manager "${this.name}" keeps session "${this.#session.id}" at reset, because the caller supplied it: the agent still reads it. Leave the session out, or pass a new one.`,
    );
  }

  /** Facts first, then with them the plan. */
  async #askTwice(
    context: MagenticContext,
    factsPrompt: string,
    planPrompt: string,
    feedback = '',
  ): Promise<TaskLedger> {
    const first = this.#question(factsPrompt, context, { feedback });
    const facts = await this.#ask([...context.transcript, first], context);
    const ledger = { facts, plan: context.ledger?.plan ?? '' };
    const second = this.#question(planPrompt, { ...context, ledger }, { feedback });
    const known = textMessage('assistant', facts, this.name);
    const plan = await this.#ask([...context.transcript, first, known, second], context);
    return { facts, plan };
  }

  async #ask(messages: readonly Message[], context: MagenticContext): Promise<string> {
    const response = await this.#agent.run(messages, this.#runOptions(context));
    return textOf(this.#answerOf(response, context));
  }

  async #askForLedger(
    messages: readonly Message[],
    context: MagenticContext,
  ): Promise<{ readonly value: unknown; readonly text: string }> {
    try {
      const options = { ...this.#runOptions(context), output: progressLedgerSchema };
      const response = await this.#agent.run(messages, options);
      context.countCall(response.usage);
      assertAsksNobody(response, 'the manager');
      return { value: response.value, text: response.text };
    } catch (error) {
      const text = textOfInvalidOutput(error);
      if (text === undefined) throw error;
      context.countCall({ inputTokens: 0, outputTokens: 0, totalTokens: 0 });
      return { value: undefined, text };
    }
  }

  /** What the manager says, as one message; its tools are its own. */
  #answerOf(response: AgentResponse, context: MagenticContext): Message {
    context.countCall(response.usage);
    context.signal.throwIfAborted();
    assertAsksNobody(response, 'the manager');
    const said = visibleMessages(response.messages, this.name).findLast(
      ({ role }) => role === 'assistant',
    );
    return said ?? textMessage('assistant', '', this.name);
  }

  #question(
    template: string,
    { task, participants, ledger }: MagenticContext,
    more: Readonly<Record<string, string>> = {},
  ): Message {
    const text = renderPrompt(template, {
      task,
      team: describeTeam(participants),
      names: participants.map(({ name }) => name).join(', '),
      facts: ledger?.facts ?? '',
      plan: ledger?.plan ?? '',
      schema: PROGRESS_LEDGER_SHAPE,
      ...more,
    });
    const language = this.#language === undefined ? '' : `\n\nWrite in ${this.#language}.`;
    return textMessage('user', text + language);
  }

  /** A session is read, never written: the transcript holds what the manager has said. */
  #runOptions({ signal, runContext, runPath }: MagenticContext) {
    const session = this.#session;
    return {
      signal,
      runContext,
      runPath,
      ...(session === undefined ? {} : { session: new AgentSession(session.toJSON()) }),
    };
  }
}
