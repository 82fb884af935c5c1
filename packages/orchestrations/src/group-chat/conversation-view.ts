import {
  type AgentLike,
  ConfigurationError,
  type Message,
  textMessage,
  textOf,
  type WorkflowContext,
} from '@colloquy/core';

import { assertAsksNobody } from '../shared/assert-asks-nobody.ts';
import { describeValue } from '../shared/describe-value.ts';
import { isMessageList } from '../shared/guard-schema.ts';
import { assertCount, assertLimit } from '../shared/limits.ts';
import { isAgentLike } from '../shared/participants.ts';

/** What a view is made of. */
export interface ViewedConversation {
  /** Whose turn it is, and who will read what the view gives. */
  readonly participant: string;
  /** What the participant has not been given, in order, without its own words. */
  readonly unread: readonly Message[];
  /** Everything said since the last reset. */
  readonly conversation: readonly Message[];
}

/**
 * What a participant reads of what it has not read, when its turn comes.
 *
 * What it leaves out is never given to the participant, and what has been given is not given again. It remembers
 * nothing: the same conversation gives the same view.
 */
export type ConversationView = (
  viewed: ViewedConversation,
  context: WorkflowContext,
) => readonly Message[] | Promise<readonly Message[]>;

/**
 * What participants read of each other: `all` is told to everybody as it is said; with `own` one reads the input and
 * knows its own words, and nobody else's.
 */
export type ConversationViewOption = 'all' | 'own' | ConversationView;

/**
 * A view of the last messages of those that are unread.
 *
 * @param count - 1 or more.
 * @throws {ConfigurationError} for another count.
 */
export function last(count: number): ConversationView {
  assertLimit('the count of last', count);
  return ({ unread }) => unread.slice(-count);
}

/** How `summary` works. */
export interface SummaryOptions {
  /** How many of the last messages are left as they are; default 1. */
  readonly keep?: number | undefined;
}

/**
 * A view in which an agent sums up what is unread, but for the last messages; it is not asked where there is only one
 * message to sum up. It begins with a new session every time.
 *
 * @throws {ConfigurationError} for what is no agent, or a `keep` below 0.
 */
export function summary(agent: AgentLike, { keep = 1 }: SummaryOptions = {}): ConversationView {
  if (!isAgentLike(agent))
    throw new ConfigurationError(
      `Expected summary to be given an agent, got ${describeValue(agent)}.`,
    );
  assertCount('keep', keep);
  return async ({ unread }, { signal, runContext, idempotencyKey: runPath, reportUsage }) => {
    const old = unread.slice(0, Math.max(0, unread.length - keep));
    if (old.length < 2) return unread;
    const asked = `${TASK}\n\n${old.map(lineOf).join('\n\n')}`;
    const response = await agent.run(asked, {
      session: agent.createSession(),
      signal,
      runContext,
      runPath,
    });
    reportUsage(response.usage);
    assertAsksNobody(response, 'the agent that sums up,');
    const summed = textMessage('user', `A summary of what was said before:\n\n${response.text}`);
    return [summed, ...unread.slice(old.length)];
  };
}

const TASK =
  'Sum up this part of a conversation for somebody who has not read it. Keep names, decisions, numbers and open questions; add nothing.';

function lineOf(message: Message): string {
  return `${message.authorName ?? message.role}: ${textOf(message)}`;
}

/** @throws {ConfigurationError} for what is no view. */
export function assertView(view: unknown): void {
  if (view === 'all' || view === 'own' || typeof view === 'function') return;
  throw new ConfigurationError(
    `Expected view to be 'all', 'own', last(n), summary(agent) or a function, got ${describeValue(view)}.`,
    { code: 'group-chat/view' },
  );
}

/** @throws {ConfigurationError} for what a view may not give. */
export function assertViewed(
  given: unknown,
  participant: string,
): asserts given is readonly Message[] {
  if (isMessageList(given)) return;
  throw new ConfigurationError(
    `Expected the view to give a list of messages for "${participant}", got ${describeValue(given)}. Give [] where there is nothing to read.`,
    { code: 'group-chat/view' },
  );
}
