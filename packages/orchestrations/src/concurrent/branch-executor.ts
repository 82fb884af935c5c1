import {
  type AgentExecutor,
  AgentExecutorResponse,
  type AgentUpdate,
  ConfigurationError,
  Executor,
  type Handler,
  type Message,
  on,
  type ResetContext,
  type ResponseContext,
  type ResponseHandler,
  type WorkflowContext,
} from '@colloquy/core';
import { findHandler } from '@colloquy/core/spi';

import { isRecord } from '../shared/is-record.ts';
import { withSignal } from '../shared/with-signal.ts';
import { BranchGroup } from './branch-group.ts';
import { BranchResult } from './branch-result.ts';
import { BranchTask } from './branch-task.ts';
import { type ConcurrencyNeeds } from './concurrency-mode.ts';
import { closeRounds, NO_ROUNDS, openRound, parseRounds } from './open-rounds.ts';

type Work = (context: ResponseContext) => unknown;

/**
 * An agent as one of several branches: what it comes to, an answer or a failure, is a `BranchResult`.
 *
 * Owns the agent's executor, and which rounds it has not answered.
 *
 * Invariants:
 * - K1: a failure is a result, unless one failure is to fail the run; that the run was aborted is none.
 * - K2: every round has at most one result of the branch; a round whose input failed has none.
 */
export class BranchExecutor extends Executor {
  readonly handlers: readonly Handler[] = [
    on(BranchTask, (task, context) => this.#onTask(task, context)),
  ];
  override readonly emits: readonly [typeof AgentUpdate];
  readonly #inner: AgentExecutor;
  readonly #needs: ConcurrencyNeeds;
  #rounds = NO_ROUNDS;

  constructor(inner: AgentExecutor, needs: ConcurrencyNeeds) {
    super(inner.id);
    this.#inner = inner;
    this.#needs = needs;
    this.emits = this.#inner.emits;
  }

  override reset(context?: ResetContext): void {
    this.#rounds = NO_ROUNDS;
    this.#inner.reset(context);
  }

  override onCheckpointSave(): unknown {
    return { rounds: this.#rounds, inner: this.#inner.onCheckpointSave() };
  }

  override onCheckpointRestore(saved: unknown): void {
    const { rounds, inner }: Record<string, unknown> = isRecord(saved) ? saved : {};
    this.#inner.onCheckpointRestore(inner);
    this.#rounds = parseRounds(rounds);
  }

  override findResponseHandler(
    request: Parameters<Executor['findResponseHandler']>[0],
  ): ResponseHandler | undefined {
    const handler = this.#inner.findResponseHandler(request);
    if (handler === undefined) return undefined;
    const handle = (answer: never, asked: never, context: ResponseContext): unknown =>
      this.#branch(context, (inner) => handler.handle(answer, asked, inner as never));
    return { ...handler, handle };
  }

  /** K2 */
  async #onTask({ round, messages }: BranchTask, context: WorkflowContext): Promise<unknown> {
    const before = this.#rounds;
    this.#rounds = openRound(before, round);
    try {
      return await this.#branch(context, (branch) => answerTo(this.#inner, messages, branch));
    } catch (error) {
      this.#rounds = before;
      throw error;
    }
  }

  async #branch(context: WorkflowContext, work: Work): Promise<BranchResult | undefined> {
    const participant = this.id;
    const group = BranchGroup.of(context.signal, this.#needs.enough);
    const signal = AbortSignal.any([context.signal, group.signal]);
    try {
      const answer = await work(withSignal(context, signal));
      // What waits for a human has no answer yet.
      if (!AgentExecutorResponse.is(answer)) return undefined;
      group.noteAnswer();
      const rounds = this.#close(this.#inner.isWaiting);
      return BranchResult({ participant, rounds, response: answer.response });
    } catch (error) {
      // K1
      if (this.#needs.isStrict || context.signal.aborted) throw error;
      // Nobody is asked any more: what came meanwhile has failed with it.
      return BranchResult({ participant, rounds: this.#close(false), error });
    }
  }

  /** K2 */
  #close(saysMore: boolean): readonly number[] {
    this.#rounds = closeRounds(this.#rounds, saysMore);
    return this.#rounds.last;
  }
}

function answerTo(
  { id, handlers }: AgentExecutor,
  messages: readonly Message[],
  context: ResponseContext,
): unknown {
  const found = findHandler(handlers, messages);
  if (found !== undefined) return found.handler.handle(found.value as never, context as never);
  throw new ConfigurationError(
    `Expected executor "${id}" to take a list of messages, got no handler for one. Keep the handlers of AgentExecutor.`,
    { code: 'concurrent/unsupported-executor' },
  );
}
