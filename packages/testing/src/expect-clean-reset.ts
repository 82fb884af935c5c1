import { AssertionError } from 'node:assert/strict';

import { type JsonObject, type JsonValue, type Workflow } from '@colloquy/core';

import { describeDifference, firstDifference } from './first-difference.ts';
import { countAbortListeners, countTimers, timersBeyond, WatchedMessages } from './left-behind.ts';
import { type WatchedRequest, watchModels } from './model-watch.ts';
import {
  type AnswerRequest,
  converse,
  type ObservedConversation,
  observeConversation,
  type ObservedModel,
  sessionsOf,
  withoutMadeUpIds,
} from './observed-conversation.ts';
import { ScriptedChatClient } from './scripted.ts';

/** The two conversations, and how they are held. */
export interface CleanResetOptions<TInput> {
  /** What the first conversation begins with; nothing of it may be left. */
  readonly first: TInput;
  /** What the second begins with, which is compared. */
  readonly second: TInput;
  /**
   * Holds the first conversation, such as one that is interrupted; by default it goes on to its end or its failure.
   *
   * What it rejects with fails the check.
   */
  readonly hold?: (workflow: Workflow<TInput>, first: TInput) => Promise<unknown>;
  /** Answers what the workflow asks, in both conversations; `undefined` leaves a request open. By default all stay open. */
  readonly answer?: AnswerRequest;
  /**
   * Ids of sessions that the caller supplied, which a reset keeps: their history, and so what models cost, is all that
   * may differ.
   */
  readonly keptSessions?: readonly string[];
  /**
   * Whether to look for messages that can still be reached, which collects garbage a few times; default: whether the process
   * was started with `--expose-gc`. Not done with `keptSessions`, which keep theirs.
   */
  readonly reachable?: boolean;
}

/**
 * Holds a conversation, resets, holds a second one, and compares that with the same one of a new workflow: every request
 * to a model, every event, the results, and which sessions were used.
 *
 * Looks further for what the first left behind: requests that can still be answered, timers, listeners on signals, and, where
 * asked to, messages. Works in any test runner.
 *
 * Models that are `scripted` are seen, and begin their script anew with each conversation; others are seen when they are
 * `watched`. A model answers the same to the same request, or the comparison means nothing.
 *
 * Rejects with an `AssertionError` that shows the first difference with its path, or says what was left behind.
 *
 * @param build - Makes the workflow; called twice.
 */
export async function expectCleanReset<TInput>(
  build: () => Workflow<TInput> | Promise<Workflow<TInput>>,
  options: CleanResetOptions<TInput>,
): Promise<void> {
  const { second: input, answer = () => undefined, keptSessions = [] } = options;
  const used = await build();
  const first = await holdFirst(used, options);
  assertNothingLeft(await leftBehind(used, first, options));
  rewind(first.clients);
  const { signal } = new AbortController();
  const again = await observeConversation(used, { input, answer, signal });
  rewind(first.clients);
  const fresh = await observeConversation(await build(), { input, answer, signal });
  assertNothingLeft(sessionsUsedAgain(first.sessions, again.sessions, keptSessions));
  assertSame(again, fresh, keptSessions);
}

/** What the first conversation came to, beside what it may have left in the workflow. */
interface HeldConversation {
  readonly clients: ReadonlySet<unknown>;
  readonly sessions: ReadonlySet<string>;
  /** Listeners on the signals of its runs; the signals themselves would keep alive what aborted them. */
  readonly listeners: number;
  readonly messages: WatchedMessages;
  /** Requests that waited when it was left. */
  readonly pending: readonly string[];
  readonly timers: number;
}

/** Holds the first conversation and resets; keeps hold of nothing of it. */
async function holdFirst<TInput>(
  workflow: Workflow<TInput>,
  options: CleanResetOptions<TInput>,
): Promise<HeldConversation> {
  const { first: input, second, answer = () => undefined, keptSessions = [] } = options;
  const { signal } = new AbortController();
  const { hold = () => converse(workflow, { input, answer, signal }) } = options;
  const timers = countTimers();
  const clients = new Set<unknown>();
  const sessions = new Set<string>();
  const signals = new Set<AbortSignal>([signal]);
  const messages = new WatchedMessages([input, second]);
  const note = (watched: WatchedRequest): void => {
    clients.add(watched.client);
    if (watched.signal !== undefined) signals.add(watched.signal);
    for (const session of sessionsOf([watched])) sessions.add(session);
    // A session that is kept keeps its messages, which others may have read.
    if (keptSessions.length === 0) messages.add(watched);
  };
  const pending = await watchModels(note, async () => {
    await hold(workflow, input);
    const ids = await pendingIn(workflow);
    await workflow.resetForNewRun();
    return ids;
  });
  const listeners = countAbortListeners(signals);
  return { clients, sessions, listeners, messages, pending, timers };
}

async function pendingIn(workflow: Workflow<never>): Promise<string[]> {
  if (workflow.status !== 'idle_with_pending_requests') return [];
  const { pendingRequests } = await workflow.resume();
  return pendingRequests.map(({ id }) => id);
}

async function leftBehind<TInput>(
  workflow: Workflow<TInput>,
  { listeners, messages, pending, timers }: HeldConversation,
  { reachable = globalThis.gc !== undefined }: CleanResetOptions<TInput>,
): Promise<string[]> {
  const left: string[] = [];
  if (workflow.status !== 'idle') left.push(`the status "${workflow.status}"`);
  for (const id of pending) {
    const isTaken = await workflow.resume({ responses: { [id]: null } }).then(
      () => true,
      (error: unknown) => !isUnknownRequest(error),
    );
    if (isTaken) left.push(`request "${id}", which can still be answered`);
  }
  if (listeners > 0) left.push(`${listeners} listeners on abort signals`);
  const late = await timersBeyond(timers);
  if (late > 0) left.push(`${late} timers`);
  const retained = reachable ? await messages.retained() : [];
  left.push(...retained.map((message) => `the message ${message}, which can still be reached`));
  return left;
}

function isUnknownRequest(error: unknown): boolean {
  const name: unknown = error instanceof Error ? error.name : undefined;
  return name === 'StaleRequestError' || name === 'UnknownRequestError';
}

function sessionsUsedAgain(
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
  kept: readonly string[],
): string[] {
  return [...after]
    .filter((id) => before.has(id) && !kept.includes(id))
    .map((id) => `session "${id}", which the second conversation goes on with`);
}

function assertNothingLeft(left: readonly string[]): void {
  if (left.length === 0) return;
  throw new AssertionError({
    message: `Expected a reset to leave nothing of the first conversation, but there is\n${left.map((what) => `- ${what}`).join('\n')}`,
    actual: left,
    expected: [],
    operator: 'expectCleanReset',
  });
}

function rewind(clients: ReadonlySet<unknown>): void {
  for (const client of clients) if (client instanceof ScriptedChatClient) client.rewind();
}

function assertSame(
  again: ObservedConversation,
  fresh: ObservedConversation,
  kept: readonly string[],
): void {
  const actual = withoutMadeUpIds(comparable(withoutHistory(again, fresh, kept), kept));
  const expected = withoutMadeUpIds(comparable(fresh, kept));
  const difference = firstDifference(actual, expected);
  if (difference === undefined) return;
  throw new AssertionError({
    message: `Expected the second conversation after a reset (+) to be that of a new workflow (-), but they differ ${describeDifference(difference)}`,
    actual: difference.actual,
    expected: difference.expected,
    operator: 'expectCleanReset',
  });
}

function comparable({ turns, models }: ObservedConversation, kept: readonly string[]): JsonObject {
  const all = { turns, models: models.map(({ requests }) => ({ requests })) };
  return kept.length === 0 ? all : withoutUsage(all);
}

/** Drops from requests in kept sessions what these remember of the first conversation. */
function withoutHistory(
  again: ObservedConversation,
  fresh: ObservedConversation,
  kept: readonly string[],
): ObservedConversation {
  const models = again.models.map(({ requests }, index): ObservedModel => {
    const others = fresh.models[index]?.requests ?? [];
    return { requests: requests.map((request, at) => withoutEarlier(request, others[at], kept)) };
  });
  return { ...again, models };
}

function withoutEarlier(
  request: JsonObject,
  other: JsonObject | undefined,
  kept: readonly string[],
): JsonObject {
  const { sessionId, messages } = request;
  if (typeof sessionId !== 'string' || !kept.includes(sessionId)) return request;
  if (!Array.isArray(messages) || !Array.isArray(other?.['messages'])) return request;
  const earlier = Math.max(0, messages.length - other['messages'].length);
  return { ...request, messages: messages.slice(earlier) };
}

/** What a model costs depends on what it reads. */
function withoutUsage(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]): [string, JsonValue][] =>
      key === 'usage' ? [] : [[key, strip(item)]],
    ),
  );
}

function strip(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(strip);
  return isObject(value) ? withoutUsage(value) : value;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
