import { type Content, type FunctionCallContent } from '@colloquy/core';
import { filledStringAt, numberAt, recordsAt, stringAt } from '../wire/json-fields.ts';
import { summaryTextOf, trySealReasoning } from './reasoning-item.ts';

type Fields = Record<string, unknown>;

interface OpenItem {
  /** What has been told of the item: text, refusal, summary, or arguments. */
  told: string;
  /** For a function call: which one. */
  readonly call: Pick<FunctionCallContent, 'callId' | 'name'> | undefined;
}

/**
 * Owns the output items of one streamed response, and turns their events into contents.
 *
 * R1: an item is told once, however the server sends it: in deltas, whole when it is added or done, or both. What is
 * done tells only what the deltas did not.
 * R2: a function call begins with a content of its own, so that one without arguments is told too.
 * R3: refusals are gathered, not told.
 */
export class OutputItems {
  readonly #items = new Map<string, OpenItem>();
  readonly #createCallId: () => string;
  #refusal = '';
  #messages = 0;

  /** @param createCallId - For calls that the server gave none. */
  constructor(createCallId: () => string) {
    this.#createCallId = createCallId;
  }

  /** Whether any item has begun. */
  get isEmpty(): boolean {
    return this.#items.size === 0;
  }

  /** Whether a function call is among the items. */
  get hasCalls(): boolean {
    return [...this.#items.values()].some((item) => item.call !== undefined);
  }

  /** How many messages have begun. */
  get messageCount(): number {
    return this.#messages;
  }

  /** What the model said in refusal; empty where it did not refuse. */
  get refusal(): string {
    return this.#refusal;
  }

  /** Begins an item; a function call is told at once. */
  begin(event: Fields, item: Fields): Content[] {
    const key = keyOf(event);
    if (this.#items.has(key)) return [];
    if (item['type'] === 'message') this.#messages += 1;
    if (item['type'] !== 'function_call') {
      this.#items.set(key, { told: '', call: undefined });
      return [];
    }
    const told = stringAt(item, 'arguments') ?? '';
    const call = {
      callId: filledStringAt(item, 'call_id') ?? filledStringAt(item, 'id') ?? this.#createCallId(),
      name: stringAt(item, 'name') ?? '',
    };
    this.#items.set(key, { told, call });
    return [{ type: 'function_call', ...call, arguments: told }];
  }

  /** Adds a piece to an item. */
  add(event: Fields, kind: 'text' | 'reasoning' | 'arguments', piece: string): Content[] {
    const item = this.#itemOf(event);
    item.told += piece;
    if (piece === '') return [];
    if (kind !== 'arguments') return [{ type: kind, text: piece }];
    return item.call === undefined
      ? []
      : [{ type: 'function_call', ...item.call, arguments: piece }];
  }

  /** Adds a piece to the refusal. */
  refuse(event: Fields, piece: string): Content[] {
    this.#itemOf(event).told += piece;
    this.#refusal += piece;
    return [];
  }

  /** Ends an item, telling what has not been told of it. */
  finish(event: Fields, item: Fields): Content[] {
    const begun = this.begin(event, item);
    switch (item['type']) {
      case 'message':
        return [...begun, ...this.#finishMessage(event, item)];
      case 'function_call':
        return [...begun, ...this.#rest(event, 'arguments', stringAt(item, 'arguments') ?? '')];
      case 'reasoning':
        return [...this.#rest(event, 'reasoning', summaryTextOf(item)), ...sealOf(item)];
      default:
        return begun;
    }
  }

  #finishMessage(event: Fields, item: Fields): Content[] {
    const parts = recordsAt(item, 'content');
    const refusal = parts.map((part) => stringAt(part, 'refusal') ?? '').join('');
    if (this.#refusal === '') this.#refusal = refusal;
    return this.#rest(event, 'text', parts.map((part) => stringAt(part, 'text') ?? '').join(''));
  }

  #rest(event: Fields, kind: 'text' | 'reasoning' | 'arguments', whole: string): Content[] {
    const { told } = this.#itemOf(event);
    return whole.startsWith(told) ? this.add(event, kind, whole.slice(told.length)) : [];
  }

  #itemOf(event: Fields): OpenItem {
    const key = keyOf(event);
    const known = this.#items.get(key);
    if (known !== undefined) return known;
    const item = { told: '', call: undefined };
    this.#items.set(key, item);
    return item;
  }
}

function keyOf(event: Fields): string {
  return String(numberAt(event, 'output_index') ?? stringAt(event, 'item_id') ?? '');
}

function sealOf(item: Fields): Content[] {
  const sealed = trySealReasoning(item);
  return sealed === undefined ? [] : [{ type: 'reasoning', text: '', protected: sealed }];
}
