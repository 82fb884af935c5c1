import {
  type AgentExecutor,
  AgentExecutorResponse,
  type AgentUpdate,
  Executor,
  type Handler,
  type ResetContext,
  type ResponseContext,
  type ResponseHandler,
} from '@colloquy/core';

import { withSignal } from '../shared/with-signal.ts';
import { BranchGroup } from './branch-group.ts';
import { BranchResult } from './branch-result.ts';
import { type ConcurrencyNeeds } from './concurrency-mode.ts';

type Work = (context: ResponseContext) => unknown;

/**
 * An agent as one of several branches: what it comes to, an answer or a failure, is a `BranchResult`.
 *
 * Owns the agent's executor.
 *
 * Invariants:
 * - K1: a failure is a result, unless one failure is to fail the run; that the run was aborted is none.
 */
export class BranchExecutor extends Executor {
  readonly handlers: readonly Handler[];
  override readonly emits: readonly [typeof AgentUpdate];
  readonly #inner: AgentExecutor;
  readonly #needs: ConcurrencyNeeds;

  constructor(inner: AgentExecutor, needs: ConcurrencyNeeds) {
    super(inner.id);
    this.#inner = inner;
    this.#needs = needs;
    this.emits = this.#inner.emits;
    this.handlers = this.#inner.handlers.map((handler) => ({
      ...handler,
      handle: (message: never, context: ResponseContext) =>
        // The matcher is the inner handler's own.
        this.#branch(context, (branch) => handler.handle(message, branch as never)),
    }));
  }

  override reset(context?: ResetContext): void {
    this.#inner.reset(context);
  }

  override onCheckpointSave(): unknown {
    return this.#inner.onCheckpointSave();
  }

  override onCheckpointRestore(saved: unknown): void {
    this.#inner.onCheckpointRestore(saved);
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

  async #branch(context: ResponseContext, work: Work): Promise<BranchResult | undefined> {
    const participant = this.id;
    const group = BranchGroup.of(context.signal, this.#needs.enough);
    const signal = AbortSignal.any([context.signal, group.signal]);
    try {
      const answer = await work(withSignal(context, signal));
      // What waits for approvals has no answer yet.
      if (!AgentExecutorResponse.is(answer)) return undefined;
      group.noteAnswer();
      return BranchResult({ participant, response: answer.response });
    } catch (error) {
      // K1
      if (this.#needs.isStrict || context.signal.aborted) throw error;
      return BranchResult({ participant, error });
    }
  }
}
