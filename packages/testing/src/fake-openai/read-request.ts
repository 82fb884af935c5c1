import {
  type ChatOptions,
  type Content,
  type Message,
  type OutputSpec,
  type ToolSpec,
} from '@colloquy/core';

import { isRecord, recordAt, recordsAt, textAt } from './json-fields.ts';

/** A request as every chat client gets it, and how it wants to be answered. */
export interface WireRequest {
  readonly messages: readonly Message[];
  readonly options: ChatOptions;
  readonly model: string;
  readonly isStream: boolean;
  readonly wantsUsage: boolean;
}

type Fields = Record<string, unknown>;

/** Reads the body of a Chat Completions request. */
export function readChatRequest(body: Fields): WireRequest {
  const all = recordsAt(body, 'messages').flatMap(readChatMessage);
  const { messages, instructions } = withInstructions(all, '');
  const format = recordAt(recordAt(body, 'response_format'), 'json_schema');
  const tools = recordsAt(body, 'tools').map((each) => recordAt(each, 'function'));
  return {
    ...readCommon(body),
    messages,
    options: optionsOf(body, { instructions, tools, format }),
    wantsUsage: recordAt(body, 'stream_options')['include_usage'] === true,
  };
}

/** Reads the body of a Responses request. */
export function readResponsesRequest(body: Fields): WireRequest {
  const { input } = body;
  const items =
    typeof input === 'string' ? [{ role: 'user', content: input }] : recordsAt(body, 'input');
  const all = items.flatMap(readItem);
  const { messages, instructions } = withInstructions(all, textAt(body, 'instructions'));
  const format = recordAt(recordAt(body, 'text'), 'format');
  const tools = recordsAt(body, 'tools').filter(({ type }) => type === 'function');
  return {
    ...readCommon(body),
    messages,
    options: optionsOf(body, { instructions, tools, format }),
    wantsUsage: true,
  };
}

function readCommon(body: Fields): Pick<WireRequest, 'model' | 'isStream'> {
  return { model: textAt(body, 'model'), isStream: body['stream'] === true };
}

/** Prompts that come first are the instructions. */
function withInstructions(
  all: readonly Message[],
  given: string,
): { readonly messages: readonly Message[]; readonly instructions: string } {
  const first = all.findIndex(({ role }) => role !== 'system');
  const count = first === -1 ? all.length : first;
  const prompts = all.slice(0, count).flatMap(({ contents }) => contents.flatMap(textIn));
  const instructions = [given, ...prompts].filter((text) => text !== '').join('\n');
  return { messages: joinTurns(all.slice(count)), instructions };
}

/** One message for what a model said and called at once, and one for the results, which the wire has one by one. */
function joinTurns(messages: readonly Message[]): Message[] {
  const joined: Message[] = [];
  for (const message of messages) {
    const before = joined.at(-1);
    if (before !== undefined && isSameTurn(before, message))
      joined[joined.length - 1] = {
        ...before,
        contents: [...before.contents, ...message.contents],
      };
    else joined.push(message);
  }
  return joined;
}

function isSameTurn(before: Message, { role, contents }: Message): boolean {
  if (before.role !== role) return false;
  return (
    role === 'tool' ||
    (role === 'assistant' && contents.every(({ type }) => type === 'function_call'))
  );
}

function textIn(content: Content): string[] {
  return content.type === 'text' ? [content.text] : [];
}

function optionsOf(
  body: Fields,
  parts: {
    readonly instructions: string;
    readonly tools: readonly Fields[];
    readonly format: Fields;
  },
): ChatOptions {
  const { instructions, tools, format } = parts;
  const maxOutputTokens =
    body['max_output_tokens'] ?? body['max_completion_tokens'] ?? body['max_tokens'];
  const { temperature } = body;
  return {
    ...(instructions === '' ? {} : { instructions }),
    ...(tools.length === 0 ? {} : { tools: tools.map(readTool) }),
    ...(textAt(format, 'name') === '' ? {} : { output: readOutput(format) }),
    ...(typeof temperature === 'number' ? { temperature } : {}),
    ...(typeof maxOutputTokens === 'number' ? { maxOutputTokens } : {}),
  };
}

function readTool(fields: Fields): ToolSpec {
  const parameters = recordAt(fields, 'parameters');
  return { name: textAt(fields, 'name'), description: textAt(fields, 'description'), parameters };
}

function readOutput(format: Fields): OutputSpec {
  return { name: textAt(format, 'name'), schema: recordAt(format, 'schema') };
}

function readChatMessage(fields: Fields): Message[] {
  const role = textAt(fields, 'role');
  if (role === 'tool') {
    const callId = textAt(fields, 'tool_call_id');
    return [{ role, contents: [resultOf(callId, fields['content'])] }];
  }
  const calls = recordsAt(fields, 'tool_calls').map((call) =>
    callOf(textAt(call, 'id'), recordAt(call, 'function')),
  );
  const contents = [...readContents(fields['content']), ...calls];
  const name = textAt(fields, 'name');
  return [{ role: roleOf(role), contents, ...(name === '' ? {} : { authorName: name }) }];
}

function readItem(item: Fields): Message[] {
  const callId = textAt(item, 'call_id');
  switch (item['type']) {
    case 'function_call':
      return [{ role: 'assistant', contents: [callOf(callId, item)] }];
    case 'function_call_output':
      return [{ role: 'tool', contents: [resultOf(callId, item['output'])] }];
    case 'reasoning':
      return [];
    default:
      return [{ role: roleOf(textAt(item, 'role')), contents: readContents(item['content']) }];
  }
}

function callOf(callId: string, fields: Fields): Content {
  const name = textAt(fields, 'name');
  return { type: 'function_call', callId, name, arguments: textAt(fields, 'arguments') };
}

function resultOf(callId: string, content: unknown): Content {
  const texts = readContents(content).flatMap(textIn);
  return { type: 'function_result', callId, result: texts.join('') };
}

/** Text, and where images are; what else a message holds is only in the request's body. */
function readContents(content: unknown): Content[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  return content.filter(isRecord).flatMap((part): Content[] => {
    const { image_url: image } = part;
    const uri = typeof image === 'string' ? image : textAt(image, 'url');
    if (uri !== '') return [{ type: 'uri', uri }];
    const text = textAt(part, 'text');
    return text === '' ? [] : [{ type: 'text', text }];
  });
}

function roleOf(role: string): Message['role'] {
  if (role === 'system' || role === 'developer') return 'system';
  return role === 'assistant' ? role : 'user';
}
