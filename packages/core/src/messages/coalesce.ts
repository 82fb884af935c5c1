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

/**
 * Folds the updates of one model call into its response.
 *
 * Owns the response until `finish`.
 *
 * Invariants:
 * - F1: the response does not depend on where the stream was cut: runs of text, of reasoning, and the fragments of
 *   one call's arguments are joined.
 * - F2: a change of `messageId` or of role begins another message.
 */
export class ResponseFold {
  readonly #drafts: MessageDraft[] = [];
  #usage: Usage = NO_USAGE;
  #details: Pick<ChatResponse, 'responseId' | 'model' | 'finishReason'> = {};

  /** Takes in one update. */
  add(update: ChatResponseUpdate): void {
    const { responseId, model, finishReason } = update;
    if (responseId !== undefined) this.#details = { ...this.#details, responseId };
    if (model !== undefined) this.#details = { ...this.#details, model };
    if (finishReason !== undefined) this.#details = { ...this.#details, finishReason };
    for (const content of update.contents) {
      if (content.type === 'usage') this.#usage = addUsage(this.#usage, content.usage);
      else addContent(this.#draftFor(update).contents, content);
    }
  }

  /** The response so far; messages without contents are left out. */
  finish(): ChatResponse {
    const messages = this.#drafts.map(toMessage);
    return { messages, text: textOfAll(messages), usage: this.#usage, ...this.#details };
  }

  /** F2: the message that an update continues. */
  #draftFor({ role = 'assistant', messageId }: ChatResponseUpdate): MessageDraft {
    const last = this.#drafts.at(-1);
    const isSame =
      last !== undefined &&
      last.role === role &&
      (messageId === undefined || last.id === messageId);
    if (isSame) return last;
    const draft: MessageDraft = { role, id: messageId, contents: [] };
    this.#drafts.push(draft);
    return draft;
  }
}

/** F1: appends a content, or joins it to what it continues. */
function addContent(contents: Content[], content: Content): void {
  const joined =
    content.type === 'function_call' ? joinCall(contents, content) : joinText(contents, content);
  if (!joined) contents.push(content);
}

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

/** A fragment of arguments continues the call with its id; whole arguments never do. */
function joinCall(contents: Content[], fragment: FunctionCallContent): boolean {
  if (typeof fragment.arguments !== 'string') return false;
  const index = contents.findIndex(
    (content) =>
      content.type === 'function_call' &&
      content.callId === fragment.callId &&
      typeof content.arguments === 'string',
  );
  const call = contents[index];
  if (call?.type !== 'function_call' || typeof call.arguments !== 'string') return false;
  contents[index] = {
    ...call,
    name: call.name === '' ? fragment.name : call.name,
    arguments: call.arguments + fragment.arguments,
  };
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
