import { isRecord, type JsonObject, tryParseJson } from '../primitives/json.ts';
import { type Content, type FunctionCallContent } from './content.ts';
import { type Message, type Role, textOfAll } from './message.ts';
import { type ChatResponse } from './response.ts';
import { type ChatResponseUpdate } from './response-update.ts';
import { addUsage, NO_USAGE, type Usage } from './usage.ts';

/** A message while its pieces come. */
interface MessageDraft {
  readonly role: Role;
  readonly id: string | undefined;
  readonly contents: Content[];
}

/** Where a call lies whose arguments may still grow. */
interface CallPlace {
  readonly contents: Content[];
  readonly index: number;
}

/**
 * Folds the updates of one model call into its response.
 *
 * Owns the response until `finish`.
 *
 * Invariants:
 * - F1: the response does not depend on where the stream was cut: runs of text, of reasoning, and the fragments of
 *   one call's arguments are joined; an empty piece adds nothing.
 * - F2: a change of `messageId` or of role begins another message.
 */
export class ResponseFold {
  readonly #drafts: MessageDraft[] = [];
  readonly #calls = new Map<string, CallPlace>();
  #usage: Usage = NO_USAGE;
  #details: Pick<ChatResponse, 'responseId' | 'model' | 'finishReason'> = {};

  /** Takes in one update. */
  add(update: ChatResponseUpdate): void {
    const { responseId, model, finishReason } = update;
    if (responseId !== undefined) this.#details = { ...this.#details, responseId };
    if (model !== undefined) this.#details = { ...this.#details, model };
    if (finishReason !== undefined) this.#details = { ...this.#details, finishReason };
    for (const content of update.contents)
      if (content.type === 'usage') this.#usage = addUsage(this.#usage, content.usage);
    const said = update.contents.filter(isSaid);
    if (said.length === 0 && update.messageId === undefined) return;
    const { contents } = this.#draftFor(update);
    for (const content of said) this.#addContent(contents, content);
  }

  /** The response so far; messages without contents are left out. */
  finish(): ChatResponse {
    const messages = this.#drafts.filter(({ contents }) => contents.length > 0).map(toMessage);
    return { messages, text: textOfAll(messages), usage: this.#usage, ...this.#details };
  }

  /** F2: the message that an update continues. An id that comes late does not begin another message. */
  #draftFor({ role = 'assistant', messageId }: ChatResponseUpdate): MessageDraft {
    const last = this.#drafts.at(-1);
    const id = messageId ?? (last?.role === role ? last.id : undefined);
    if (last?.role === role && last.id === id) return last;
    const isNamedLate = last?.role === role && last.id === undefined;
    const draft: MessageDraft = { role, id, contents: isNamedLate ? last.contents : [] };
    if (isNamedLate) this.#drafts.pop();
    this.#drafts.push(draft);
    return draft;
  }

  #addContent(contents: Content[], content: Content): void {
    if (content.type === 'function_call') this.#addCall(contents, content);
    else if (!joinText(contents, content)) contents.push(content);
  }

  /** F1: begins a call, or continues the arguments of the one that has the same id. */
  #addCall(contents: Content[], fragment: FunctionCallContent): void {
    const place = this.#calls.get(fragment.callId);
    const joined = joinCall(place?.contents[place.index], fragment);
    if (place !== undefined && joined !== undefined) {
      place.contents[place.index] = joined;
      return;
    }
    this.#calls.set(fragment.callId, { contents, index: contents.length });
    contents.push(fragment);
  }
}

/** Whether a content is part of a message: usage is not, and an empty piece is nothing. */
function isSaid(content: Content): boolean {
  if (content.type === 'text') return content.text !== '';
  if (content.type === 'reasoning') return content.text !== '' || content.protected !== undefined;
  return content.type !== 'usage';
}

/**
 * Joins a fragment to the call it goes on with, if it does.
 *
 * Whole arguments (an object) never go on, nor does a call of another tool.
 */
export function joinCall(
  call: Content | undefined,
  fragment: FunctionCallContent,
): FunctionCallContent | undefined {
  if (call?.type !== 'function_call' || call.callId !== fragment.callId) return undefined;
  const { name, arguments: begun } = call;
  const { name: nextName, arguments: next } = fragment;
  if (typeof begun !== 'string' || typeof next !== 'string') return undefined;
  if (name !== '' && nextName !== '' && name !== nextName) return undefined;
  return { ...call, name: name === '' ? nextName : name, arguments: begun + next };
}

/** F1: joins a piece of text or reasoning to the run it continues, if there is one. */
function joinText(contents: Content[], content: Content): boolean {
  const last = contents.at(-1);
  if (content.type === 'text' && last?.type === 'text') {
    contents[contents.length - 1] = { ...last, text: last.text + content.text };
    return true;
  }
  const continuesReasoning =
    content.type === 'reasoning' && last?.type === 'reasoning' && last.protected === undefined;
  if (!continuesReasoning) return false;
  contents[contents.length - 1] = { ...last, ...content, text: last.text + content.text };
  return true;
}

function toMessage({ role, id, contents }: MessageDraft): Message {
  const complete = contents.map((content) =>
    content.type === 'function_call'
      ? { ...content, arguments: parseArguments(content.arguments) }
      : content,
  );
  return id === undefined ? { role, contents: complete } : { role, contents: complete, id };
}

/** The arguments as an object; text that is no JSON object stays as the model wrote it, no text is no arguments. */
function parseArguments(args: JsonObject | string): JsonObject | string {
  if (typeof args !== 'string') return args;
  if (args.trim() === '') return {};
  const value = tryParseJson(args);
  return isJsonObject(value) ? value : args;
}

function isJsonObject(value: unknown): value is JsonObject {
  return isRecord(value);
}
