import {
  type AgentLike,
  type AgentResponse,
  type Message,
  textMessage,
  type WorkflowContext,
} from '@colloquy/core';

import { assertAsksNobody } from '../shared/assert-asks-nobody.ts';
import { responseOf } from '../shared/conversation.ts';
import { type BranchOutcome } from './branch-result.ts';
import { QuorumError } from './concurrent-errors.ts';

/**
 * Makes one value of what the participants came to, in their order; may be asynchronous. `undefined` puts out nothing.
 *
 * One that remembers something carries a `reset`, and hooks for checkpoints.
 */
export interface Aggregator<TOutput> {
  (
    results: readonly BranchOutcome[],
    context: WorkflowContext,
  ): TOutput | undefined | Promise<TOutput | undefined>;
  readonly reset?: () => void | Promise<void>;
  /** Another that remembers nothing, for another instance; without it a workflow whose aggregator has a `reset` cannot be forked. */
  readonly fork?: () => Aggregator<TOutput>;
  /** What it remembers, for a checkpoint. */
  readonly onCheckpointSave?: () => unknown;
  /** Takes over what `onCheckpointSave` gave. */
  readonly onCheckpointRestore?: (state: unknown) => void;
}

/**
 * One response of everybody's last words; who has none is left out.
 *
 * @param name - Who the response is by.
 */
export function lastMessages(name = 'concurrent'): Aggregator<AgentResponse> {
  return (results) => {
    const answered = answeredIn(results);
    const last = answered.flatMap(({ messages }) => messages.findLast(isSpoken) ?? []);
    return responseOf(name, last);
  };
}

function isSpoken({ role, contents }: Message): boolean {
  return role === 'assistant' && contents.some(({ type }) => type === 'text' || type === 'data');
}

/** @throws {QuorumError} when nobody has answered. */
function answeredIn(results: readonly BranchOutcome[]): AgentResponse[] {
  const answered = results.flatMap(({ response }) => response ?? []);
  if (answered.length > 0) return answered;
  throw new QuorumError(1, 0, failuresIn(results));
}

/** What participants failed with, by name. */
export function failuresIn(results: readonly BranchOutcome[]): ReadonlyMap<string, unknown> {
  return new Map(
    results.flatMap(({ participant, response, error }) =>
      response === undefined ? [[participant, error] as const] : [],
    ),
  );
}

/** How a vote is counted. */
export interface VoteOptions {
  /** What a response votes for; default: its text without surrounding space. `undefined` is no vote. */
  readonly choiceOf?: ((response: AgentResponse) => string | undefined) | undefined;
}

/** What a vote came to. */
export interface VoteResult {
  /** What most voted for; `undefined` for a tie, or no votes. */
  readonly winner: string | undefined;
  /** How many voted for what, the most first; equal ones in the order of their first vote. */
  readonly counts: readonly { readonly choice: string; readonly votes: number }[];
  /** Who voted for what, in participant order. */
  readonly votes: readonly { readonly participant: string; readonly choice: string }[];
}

/** Counts what the participants chose. */
export function vote({
  choiceOf = ({ text }) => text.trim(),
}: VoteOptions = {}): Aggregator<VoteResult> {
  return (results) => {
    const votes = results.flatMap(({ participant, response }) => {
      const choice = response === undefined ? undefined : choiceOf(response);
      return choice === undefined || choice === '' ? [] : [{ participant, choice }];
    });
    const byChoice = Map.groupBy(votes, ({ choice }) => choice);
    const counts = Array.from(byChoice, ([choice, cast]) => ({
      choice,
      votes: cast.length,
    })).toSorted((left, right) => right.votes - left.votes);
    const [first, second] = counts;
    const winner = first?.votes === second?.votes ? undefined : first?.choice;
    return { winner, counts, votes };
  };
}

/** How a judge is asked. */
export interface JudgeOptions {
  /** What the judge is to do with the answers; default: to choose or combine the best. */
  readonly instruction?: string | undefined;
}

const JUDGE =
  'Several participants have answered the same request independently. Weigh their answers and give the one best answer, your own where none is right.';

/**
 * Lets an agent make one answer of all; it remembers nothing from one time to the next.
 *
 * Security: the participants' texts go into the judge's prompt as they are; a participant can try to sway it.
 */
export function judge(
  agent: AgentLike,
  { instruction = JUDGE }: JudgeOptions = {},
): Aggregator<AgentResponse> {
  return async (results, { signal, runContext, reportUsage, idempotencyKey: runPath }) => {
    const answers = answeredIn(results).map(({ agentName, text }) => `${agentName}:\n${text}`);
    const prompt = [instruction, ...answers].join('\n\n');
    const response = await agent.run(textMessage('user', prompt), { signal, runContext, runPath });
    reportUsage(response.usage);
    assertAsksNobody(response, 'the judge');
    return response;
  };
}
