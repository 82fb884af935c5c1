import { type ChatOptions, type JsonObject, type JsonValue, type Message } from '@colloquy/core';

import { type Redact, redacted } from './redact.ts';

/** What names a request and what it says, the same in every run that does the same. */
export interface RequestKey {
  readonly path: string;
  readonly agent: string;
  readonly request: JsonObject;
  /** The request as text, with sorted keys. */
  readonly text: string;
}

/** Ids that the library makes up; a run's are never another's. */
const MADE_UP_ID = /^(?:branch|run|thread)_[\da-z]+_[\da-z]+$/;

/** Names a request by where it is sent and by whom, and takes out of it what differs between runs, and secrets. */
export function requestKeyOf(
  messages: readonly Message[],
  options: ChatOptions,
  redact: Redact,
): RequestKey {
  const { agentName = '', runPath = '', instructions, tools = [], output, ...others } = options;
  const { sessionId: _sessionId, signal: _signal, ...settings } = others;
  const specs = tools.map(({ name, description, parameters }) => ({
    name,
    description,
    parameters,
  }));
  const request = toJson({ instructions, messages, tools: specs, output, settings }, redact);
  const path = runPath.split('/').filter((part) => !MADE_UP_ID.test(part));
  return { path: path.join('/'), agent: agentName, request, text: printRequest(request) };
}

/** A request as it is compared: keys sorted, a line each. */
export function printRequest(request: JsonValue): string {
  return JSON.stringify(sorted(request), null, 2);
}

/** Through JSON text, so that what is compared is what a file can hold. */
function toJson(request: object, redact: Redact): JsonObject {
  const plain: JsonObject = JSON.parse(JSON.stringify(request));
  // An object stays one.
  return redacted(plain, redact) as JsonObject;
}

function sorted(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map(sorted);
  const keys = Object.keys(value).toSorted();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] ?? null)]));
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
