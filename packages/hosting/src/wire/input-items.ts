import { type Content, type JsonObject, type Message } from '@colloquy/core';

import { createWireId } from './ids.ts';
import { type ContentPart, type InputItem } from './input-schema.ts';
import { type CreateRequest } from './request-schema.ts';

/** An answer to a request for a human. */
export interface InputAnswer {
  readonly kind: 'output' | 'approval';
  /** The request's call id, or the approval's id. */
  readonly id: string;
  /** The text of an output, or what was decided. */
  readonly value: string | { readonly approve: boolean; readonly reason?: string };
  /** Which field of the request it came from. */
  readonly param: string;
}

/** What a client sent, sorted. */
export interface SortedItems {
  /** What is said, in order; calls with their results are part of what was said. */
  readonly messages: readonly Message[];
  readonly answers: readonly InputAnswer[];
}

/** A stored item: every one has an id. */
export type StoredItem = JsonObject & { readonly id: string };

/** The items of a request's input; text is a user's message. */
export function itemsOf(input: CreateRequest['input']): readonly InputItem[] {
  if (typeof input !== 'string') return input ?? [];
  return [{ type: 'message', role: 'user', content: input }];
}

/**
 * Tells answers from what is said.
 *
 * An output is an answer where its call waits, or is not in the same input; else it is history, which a client sends that
 * keeps the conversation itself.
 *
 * @param pending - The ids of calls that wait.
 */
export function sortItems(items: readonly InputItem[], pending: ReadonlySet<string>): SortedItems {
  const calls = new Set(
    items.flatMap((item) =>
      item.type === 'function_call' && !pending.has(item.call_id) ? item.call_id : [],
    ),
  );
  const messages: Message[] = [];
  const answers: InputAnswer[] = [];
  for (const [index, item] of items.entries()) {
    const answer = answerIn(item, calls, `input[${index}]`);
    const message = answer === undefined ? messageIn(item, calls) : undefined;
    if (answer !== undefined) answers.push(answer);
    if (message !== undefined) messages.push(message);
  }
  return { messages, answers };
}

function answerIn(
  item: InputItem,
  calls: ReadonlySet<string>,
  param: string,
): InputAnswer | undefined {
  if (item.type === 'mcp_approval_response') {
    const { approval_request_id: id, approve, reason } = item;
    const value = typeof reason === 'string' ? { approve, reason } : { approve };
    return { kind: 'approval', id, value, param };
  }
  if (item.type !== 'function_call_output' || calls.has(item.call_id)) return undefined;
  return { kind: 'output', id: item.call_id, value: textOfOutput(item.output), param };
}

function textOfOutput(output: string | readonly { readonly text: string }[]): string {
  return typeof output === 'string' ? output : output.map(({ text }) => text).join('');
}

/** What an item says; nothing where it is an echo of what the workflow knows better. */
function messageIn(item: InputItem, calls: ReadonlySet<string>): Message | undefined {
  switch (item.type) {
    case 'message':
      return toMessage(item);
    case 'function_call':
      return calls.has(item.call_id) ? toCallMessage(item) : undefined;
    case 'function_call_output': {
      const result = textOfOutput(item.output);
      return {
        role: 'tool',
        contents: [{ type: 'function_result', callId: item.call_id, result }],
      };
    }
    default:
      return undefined;
  }
}

function toMessage({
  role,
  content,
  author,
}: Extract<InputItem, { type: 'message' }>): Message | undefined {
  const parts: readonly ContentPart[] =
    typeof content === 'string' ? [{ type: 'input_text', text: content }] : content;
  const contents = parts.map(toContent);
  if (contents.length === 0) return undefined;
  return {
    role: role === 'developer' ? 'system' : role,
    contents,
    ...(typeof author === 'string' ? { authorName: author } : {}),
  };
}

function toCallMessage({
  call_id: callId,
  name,
  arguments: args,
}: Extract<InputItem, { type: 'function_call' }>): Message {
  return {
    role: 'assistant',
    contents: [{ type: 'function_call', callId, name, arguments: args }],
  };
}

function toContent(part: ContentPart): Content {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
      return { type: 'text', text: part.text };
    case 'refusal':
      return { type: 'text', text: part.refusal };
    case 'input_image':
      return bytesOf(part.image_url, {});
    case 'input_file': {
      const name = typeof part.filename === 'string' ? { filename: part.filename } : {};
      return bytesOf(part.file_data ?? part.file_url ?? '', name);
    }
  }
}

/** A `data:` URL as its bytes, any other as what it names. */
function bytesOf(url: string, name: { readonly filename?: string }): Content {
  const [, mediaType = '', data = ''] = /^data:([^;,]{1,100});base64,(.*)$/s.exec(url) ?? [];
  if (mediaType !== '') return { type: 'data', data, mediaType, ...name };
  return { type: 'uri', uri: url };
}

/** Items as they are kept and listed: each has an id, and text stands in parts. */
export function toStoredItems(items: readonly InputItem[]): readonly StoredItem[] {
  return items.map((item) => {
    // The client's ids name things of the client's; ours are unique here.
    const id = createWireId(item.type === 'message' ? 'msg' : 'item');
    const { id: _theirs, ...rest } = item;
    const isText = item.type === 'message' && typeof item.content === 'string';
    const content = isText ? { content: [textPart(item)] } : {};
    // It came from JSON.
    return { ...(rest as JsonObject), ...content, id, status: 'completed' };
  });
}

function textPart({ role, content }: Extract<InputItem, { type: 'message' }>): JsonObject {
  return {
    type: role === 'assistant' ? 'output_text' : 'input_text',
    text: typeof content === 'string' ? content : '',
  };
}
