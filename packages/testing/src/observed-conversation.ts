import {
  eventToJson,
  type JsonObject,
  type JsonValue,
  type PendingRequest,
  type Workflow,
  type WorkflowRun,
} from '@colloquy/core';

import { type WatchedRequest, watchModels } from './model-watch.ts';

/** The answer to a request; `undefined` leaves it open. */
export type AnswerRequest = (request: PendingRequest, turn: number) => unknown;

/** How a conversation is held. */
export interface ConversationOptions<TInput> {
  readonly input: TInput;
  readonly answer: AnswerRequest;
  readonly signal: AbortSignal;
}

/** How often requests are answered before a conversation is left as it is. */
const MAX_TURNS = 20;

/** Holds a conversation to its end, or until nobody answers; what it shows, turn by turn. A run that fails ends it. */
export async function converse<TInput>(
  workflow: Workflow<TInput>,
  { input, answer, signal }: ConversationOptions<TInput>,
): Promise<JsonObject[]> {
  const turns: JsonObject[] = [];
  let run: WorkflowRun = workflow.stream(input, { signal });
  for (let turn = 0; ; turn += 1) {
    const { shown, asked } = await observeRun(run);
    turns.push(shown);
    const answers = asked.flatMap((request) => {
      const given = answer(request, turn);
      return given === undefined ? [] : [[request.id, given] as const];
    });
    if (answers.length === 0 || turn === MAX_TURNS) return turns;
    run = workflow.streamResume({ responses: Object.fromEntries(answers), signal });
  }
}

interface ObservedRun {
  readonly shown: JsonObject;
  readonly asked: readonly PendingRequest[];
}

async function observeRun(run: WorkflowRun): Promise<ObservedRun> {
  const events: JsonValue[] = [];
  for await (const event of run) {
    const { timestamp: _timestamp, ...rest } = eventToJson(event);
    events.push(rest);
  }
  const [ended] = await Promise.allSettled([run.result]);
  if (ended.status === 'rejected')
    return { shown: { events, error: String(ended.reason) }, asked: [] };
  const result = asJson(ended.value);
  return { shown: { events, result }, asked: ended.value.pendingRequests };
}

/** Everything that a conversation shows and sends to models; ids that were made up are told apart by their order. */
export interface ObservedConversation {
  readonly turns: readonly JsonObject[];
  readonly models: readonly ObservedModel[];
  /** The sessions that models were asked in, by their ids. */
  readonly sessions: ReadonlySet<string>;
}

/** The requests that one model got, in order. */
export interface ObservedModel {
  readonly requests: readonly JsonObject[];
}

/** Holds a conversation and watches its models. */
export async function observeConversation<TInput>(
  workflow: Workflow<TInput>,
  options: ConversationOptions<TInput>,
): Promise<ObservedConversation> {
  const watched: WatchedRequest[] = [];
  const turns = await watchModels(
    (request) => watched.push(request),
    () => converse(workflow, options),
  );
  const requests = Map.groupBy(watched, ({ client }) => client);
  const models = Array.from(requests.values(), (each) => ({
    requests: each.map(({ request }) => asJson(request)),
  }));
  return { turns, models, sessions: sessionsOf(watched) };
}

/** The sessions of requests. */
export function sessionsOf(watched: readonly WatchedRequest[]): ReadonlySet<string> {
  return new Set(watched.flatMap(({ request: { sessionId } }) => sessionId ?? []));
}

/** What the library makes up; counted or hashed, it differs from conversation to conversation. */
const MADE_UP = /\b(?:run|req|session|thread|branch|checkpoint|agent)_[0-9a-z]+_[0-9a-z]+\b/g;

/** Puts the order of their appearance in place of ids that were made up. */
export function withoutMadeUpIds(value: JsonObject): JsonValue {
  const names = new Map<string, string>();
  const text = JSON.stringify(value).replaceAll(MADE_UP, (id) => {
    const name = names.get(id) ?? `${id.slice(0, id.indexOf('_'))} ${names.size + 1}`;
    names.set(id, name);
    return name;
  });
  const named: JsonValue = JSON.parse(text);
  return named;
}

/** As plain JSON, as events are; never throws. */
function asJson(value: object): JsonObject {
  return eventToJson({ type: 'value', executorId: '', runId: '', seq: 0, timestamp: 0, ...value });
}
