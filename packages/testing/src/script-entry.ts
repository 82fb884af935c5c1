import { type ChatResponseUpdate, isMessage, type JsonObject, type Message } from '@colloquy/core';

import { type RecordedRequest } from './recorded-request.ts';

/** A call of a tool, as a model would ask for it; made by `toolCall`. */
export interface ScriptedToolCall {
  readonly kind: 'tool_call';
  readonly name: string;
  readonly arguments: JsonObject | string;
  readonly callId: string | undefined;
}

/** A reply that comes in several pieces; made by `chunks`. */
export interface ScriptedChunks {
  readonly kind: 'chunks';
  readonly texts: readonly string[];
}

/** A reply for one kind of request; made by `when`. */
export interface ScriptedMatch {
  readonly kind: 'match';
  readonly matcher: RequestMatcher;
  readonly reply: ScriptEntry;
}

/** What a request must be like: its last message contains a text, or a function says so. */
export type RequestMatcher = string | ((request: RecordedRequest) => boolean);

/** A part of a reply; an error breaks the reply off there. */
export type ScriptPart = string | ScriptedToolCall | ScriptedChunks | Error;

/**
 * One reply of the script: a text, a tool call, several parts, chunks of a text, a message, an error to fail with, an
 * object to answer as JSON, or a function of the request that gives one of these.
 */
export type ScriptEntry =
  | string
  | ScriptedToolCall
  | ScriptedChunks
  | ScriptedMatch
  | readonly ScriptPart[]
  | Message
  | Error
  | JsonObject
  | ((request: RecordedRequest) => ScriptEntry | Promise<ScriptEntry>);

/** Options of a scripted tool call. */
export interface ToolCallOptions {
  /** Default: `call_1`, `call_2` … in the order of the script's calls. */
  readonly callId?: string;
}

/** A reply that calls a tool; arguments given as text are passed on as they are, valid or not. */
export function toolCall(
  name: string,
  args: JsonObject | string = {},
  options: ToolCallOptions = {},
): ScriptedToolCall {
  return { kind: 'tool_call', name, arguments: args, callId: options.callId };
}

/** A reply whose text comes in these pieces. */
export function chunks(...texts: readonly string[]): ScriptedChunks {
  return { kind: 'chunks', texts };
}

/** A reply that is right only for a request like this; for any other the script fails. */
export function when(matcher: RequestMatcher, reply: ScriptEntry): ScriptedMatch {
  return { kind: 'match', matcher, reply };
}

/** A reply as the updates of a stream, or an error where it breaks off. */
export function updatesOf(
  entry: Exclude<ScriptEntry, ScriptedMatch | ((request: RecordedRequest) => unknown)>,
  nextCallId: () => string,
): (ChatResponseUpdate | Error)[] {
  if (isParts(entry)) return entry.flatMap((part) => updatesOf(part, nextCallId));
  if (typeof entry === 'string') return [textUpdate(entry)];
  if (entry instanceof Error) return [entry];
  if (isMessage(entry)) return [messageUpdate(entry)];
  if (isKind(entry, 'tool_call')) return [callUpdate(entry, nextCallId)];
  if (isKind(entry, 'chunks')) return entry.texts.map(textUpdate);
  return [textUpdate(JSON.stringify(entry))];
}

function isParts(entry: ScriptEntry): entry is readonly ScriptPart[] {
  return Array.isArray(entry);
}

/** Tells what the makers above have made from an object that is to be answered as JSON. */
export function isKind<TKind extends 'tool_call' | 'chunks' | 'match'>(
  entry: ScriptEntry,
  kind: TKind,
): entry is Extract<ScriptedToolCall | ScriptedChunks | ScriptedMatch, { kind: TKind }> {
  return typeof entry === 'object' && 'kind' in entry && entry['kind'] === kind;
}

function textUpdate(text: string): ChatResponseUpdate {
  return { contents: [{ type: 'text', text }] };
}

function messageUpdate({ role, contents, id }: Message): ChatResponseUpdate {
  return id === undefined ? { role, contents } : { role, contents, messageId: id };
}

function callUpdate(
  { name, arguments: args, callId }: ScriptedToolCall,
  nextCallId: () => string,
): ChatResponseUpdate {
  const id = callId ?? nextCallId();
  return { contents: [{ type: 'function_call', callId: id, name, arguments: args }] };
}
