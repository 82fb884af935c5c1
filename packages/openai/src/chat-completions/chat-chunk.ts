import { type Usage } from '@colloquy/core';
import {
  filledStringAt,
  isRecord,
  numberAt,
  recordAt,
  recordsAt,
  stringAt,
} from '../wire/json-fields.ts';
import { readUsage, type UsageNames } from '../wire/read-usage.ts';

/** One chunk of a streamed chat completion, as far as this client reads it. */
export interface ChatChunk {
  readonly id: string | undefined;
  readonly model: string | undefined;
  /** Absent in chunks that carry usage or filter results only. */
  readonly choice: ChatChoice | undefined;
  readonly usage: Usage | undefined;
}

/** What a chunk adds to the answer; text is empty where it adds none. */
export interface ChatChoice {
  readonly text: string;
  readonly reasoning: string;
  readonly refusal: string;
  readonly toolCalls: readonly ToolCallDelta[];
  readonly finishReason: string | undefined;
}

/** A piece of a tool call; which call it belongs to is for `ToolCallStream` to find out. */
export interface ToolCallDelta {
  readonly index: number | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly arguments: string;
}

const USAGE: UsageNames = { input: 'prompt', output: 'completion' };

/**
 * Reads a chunk leniently, or returns `undefined` where it is no object.
 *
 * Compatible servers leave out `choices`, `index`, `id` and `role`, send a whole `message` in place of a `delta`, text
 * as a list of parts, reasoning as `reasoning_content` or `reasoning`, and arguments as an object.
 */
export function tryReadChatChunk(value: unknown): ChatChunk | undefined {
  if (!isRecord(value)) return undefined;
  const choice = recordsAt(value, 'choices').find((item) => (numberAt(item, 'index') ?? 0) === 0);
  return {
    id: filledStringAt(value, 'id'),
    model: filledStringAt(value, 'model'),
    choice: choice === undefined ? undefined : readChoice(choice),
    usage: isRecord(value['usage']) ? readUsage(value['usage'], USAGE) : undefined,
  };
}

function readChoice(choice: Record<string, unknown>): ChatChoice {
  const delta = isRecord(choice['delta']) ? choice['delta'] : recordAt(choice, 'message');
  return {
    text: textOf(delta),
    reasoning: filledStringAt(delta, 'reasoning_content') ?? stringAt(delta, 'reasoning') ?? '',
    refusal: stringAt(delta, 'refusal') ?? '',
    toolCalls: recordsAt(delta, 'tool_calls').map(readToolCall),
    finishReason: filledStringAt(choice, 'finish_reason'),
  };
}

function textOf(delta: Record<string, unknown>): string {
  const text = stringAt(delta, 'content');
  if (text !== undefined) return text;
  return recordsAt(delta, 'content')
    .map((part) => stringAt(part, 'text') ?? '')
    .join('');
}

function readToolCall(call: Record<string, unknown>): ToolCallDelta {
  const details = recordAt(call, 'function');
  const written = details['arguments'];
  return {
    index: numberAt(call, 'index'),
    id: filledStringAt(call, 'id'),
    name: filledStringAt(details, 'name'),
    arguments: isRecord(written) ? JSON.stringify(written) : (stringAt(details, 'arguments') ?? ''),
  };
}
