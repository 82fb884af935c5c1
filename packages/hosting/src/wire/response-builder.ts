import { outputItemId } from './ids.ts';
import {
  type ApprovalRequestItem,
  type FunctionCallItem,
  type MessageItem,
  type OutputItem,
  type OutputTextPart,
  type ResponseError,
  type ResponseResource,
  type ResponseStatus,
  isTerminal,
  type WireUsage,
} from './response-resource.ts';

/** One event of a response's stream; `sequence_number` counts from 0 without gaps. */
export interface WireEvent {
  readonly type: string;
  readonly sequence_number: number;
  readonly [field: string]: unknown;
}

/** How a response ends. */
export interface ResponseEnd {
  readonly status: Exclude<ResponseStatus, 'queued' | 'in_progress'>;
  readonly error?: ResponseError;
  readonly incompleteReason?: string;
  readonly usage?: WireUsage | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A message that is being written. */
interface OpenMessage {
  readonly index: number;
  readonly id: string;
  readonly author: string;
  text: string;
}

/**
 * Tells a response as the events of its stream, and keeps the whole beside them.
 *
 * Owns the sequence numbers, the items' ids and places, and the response as it stands.
 *
 * Invariants:
 * - B1: sequence numbers are 0, 1, 2 …; an item has one id and one place from its first event to the end.
 * - B2: every item that was begun is ended before the response is.
 * - B3: after the end nothing more is told.
 */
export class ResponseBuilder {
  readonly #onEvent: (event: WireEvent) => void;
  readonly #open = new Map<string, OpenMessage>();
  #response: ResponseResource;
  #output: OutputItem[] = [];
  #sequence = 0;

  constructor(response: ResponseResource, onEvent: (event: WireEvent) => void) {
    this.#response = response;
    this.#onEvent = onEvent;
  }

  /** The response as it stands; a new object after each change. */
  get response(): ResponseResource {
    return { ...this.#response, output: [...this.#output] };
  }

  /** B3 */
  get isEnded(): boolean {
    return isTerminal(this.#response.status);
  }

  /** Tells that there is a response, and, where it waits, that it does. */
  announce(): void {
    this.#tell('response.created', { response: this.response });
    if (this.#response.status === 'queued')
      this.#tell('response.queued', { response: this.response });
  }

  /** Tells that work has begun. */
  begin(): void {
    if (this.isEnded) return;
    this.#response = { ...this.#response, status: 'in_progress' };
    this.#tell('response.in_progress', { response: this.response });
  }

  /** Adds text to the message that `key` names, and begins it where there is none. */
  write(key: string, author: string, delta: string): void {
    if (this.isEnded || delta === '') return;
    const open = this.#open.get(key) ?? this.#openMessage(key, author);
    open.text += delta;
    this.#tell('response.output_text.delta', {
      ...placeOf(open),
      content_index: 0,
      delta,
      logprobs: [],
    });
  }

  /** Ends the message that `key` names, if there is one. */
  endMessage(key: string, status: 'completed' | 'incomplete' = 'completed'): void {
    const open = this.#open.get(key);
    if (this.isEnded || open === undefined) return;
    this.#open.delete(key);
    const part = textPart(open.text);
    const item = messageItem(open, status, [part]);
    const place = { ...placeOf(open), content_index: 0 };
    this.#tell('response.output_text.done', { ...place, text: open.text, logprobs: [] });
    this.#tell('response.content_part.done', { ...place, part });
    this.#endItem(open.index, item);
  }

  /** Adds a question to a human. */
  addFunctionCall(call: Pick<FunctionCallItem, 'call_id' | 'name' | 'arguments'>): void {
    this.#addWhole('fc', (id) => ({ id, type: 'function_call', status: 'completed', ...call }));
  }

  /** Adds a question for a human's yes or no. */
  addApprovalRequest(
    request: Pick<ApprovalRequestItem, 'id' | 'server_label' | 'name' | 'arguments'>,
  ): void {
    this.#addWhole('mcpr', () => ({ type: 'mcp_approval_request', ...request }));
  }

  /** Adds an event of the workflow. */
  addWorkflowEvent(event: unknown): void {
    this.#addWhole('wev', (id) => ({
      id,
      type: 'colloquy:workflow_event',
      status: 'completed',
      event,
    }));
  }

  /** The response as `end` will leave it. B2: ends the messages that are being written. */
  endedAs(end: ResponseEnd): ResponseResource {
    const { status, error, incompleteReason, usage, at } = end;
    for (const key of Array.from(this.#open.keys()))
      this.endMessage(key, status === 'completed' ? 'completed' : 'incomplete');
    return {
      ...this.response,
      status,
      completed_at: status === 'completed' ? Math.floor(at / 1000) : null,
      error: error ?? null,
      incomplete_details: incompleteReason === undefined ? null : { reason: incompleteReason },
      usage: usage ?? null,
    };
  }

  /** B3: ends the response. */
  end(end: ResponseEnd): void {
    if (this.isEnded) return;
    this.#response = this.endedAs(end);
    // There is no event for a cancelled response; its failing carries the status.
    const type = end.status === 'cancelled' ? 'failed' : end.status;
    this.#tell(`response.${type}`, { response: this.response });
  }

  #openMessage(key: string, author: string): OpenMessage {
    const index = this.#output.length;
    const id = outputItemId('msg', this.#response.id, index);
    const open = { index, id, author, text: '' };
    this.#open.set(key, open);
    this.#beginItem(messageItem(open, 'in_progress', []));
    this.#tell('response.content_part.added', {
      ...placeOf(open),
      content_index: 0,
      part: textPart(''),
    });
    return open;
  }

  #addWhole(prefix: string, make: (id: string) => OutputItem): void {
    if (this.isEnded) return;
    const index = this.#output.length;
    const item = make(outputItemId(prefix, this.#response.id, index));
    if (item.type === 'function_call') {
      this.#beginItem({ ...item, status: 'in_progress', arguments: '' });
      const place = placeOf({ index, id: item.id });
      this.#tell('response.function_call_arguments.delta', { ...place, delta: item.arguments });
      this.#tell('response.function_call_arguments.done', {
        ...place,
        name: item.name,
        arguments: item.arguments,
      });
    } else this.#beginItem(item);
    this.#endItem(index, item);
  }

  #beginItem(item: OutputItem): void {
    const output_index = this.#output.length;
    this.#output.push(item);
    this.#tell('response.output_item.added', { output_index, item });
  }

  #endItem(index: number, item: OutputItem): void {
    this.#output[index] = item;
    this.#tell('response.output_item.done', { output_index: index, item });
  }

  /** B1 */
  #tell(type: string, fields: Readonly<Record<string, unknown>>): void {
    const sequence_number = this.#sequence;
    this.#sequence += 1;
    this.#onEvent({ type, sequence_number, ...fields });
  }
}

function textPart(text: string): OutputTextPart {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

function messageItem(
  { id, author }: Pick<OpenMessage, 'id' | 'author'>,
  status: MessageItem['status'],
  content: readonly OutputTextPart[],
): MessageItem {
  return { id, type: 'message', role: 'assistant', status, content, author };
}

function placeOf({ id, index }: Pick<OpenMessage, 'id' | 'index'>): {
  readonly item_id: string;
  readonly output_index: number;
} {
  return { item_id: id, output_index: index };
}
