import { type Answer, type AnswerCall, type AnswerPart } from './answer.ts';
import { type AnswerNames, CREATED_AT, type WireFormat } from './wire-format.ts';

/** An item of an answer: its message, or a call by its index. */
type ItemName = 'message' | number;

/**
 * Answers as events of the Responses API.
 *
 * Owns which items of the answer have begun, in that order; an item's place is its index among the output.
 */
export class ResponsesFormat implements WireFormat {
  readonly terminator = '';
  readonly #names: AnswerNames;
  readonly #items: ItemName[] = [];
  #sequence = 0;

  constructor(names: AnswerNames) {
    this.#names = names;
  }

  begin(): object[] {
    const response = this.#response('in_progress', []);
    return [
      this.#event('response.created', { response }),
      this.#event('response.in_progress', { response }),
    ];
  }

  of(part: AnswerPart): object[] {
    switch (part.kind) {
      case 'text':
        return this.#say('output_text', part.text);
      case 'refusal':
        return this.#say('refusal', part.text);
      case 'call': {
        const at = this.#items.push(part.index) - 1;
        const item = callItem({ ...part, arguments: '' }, at, 'in_progress');
        return [this.#event('response.output_item.added', { output_index: at, item })];
      }
      case 'arguments': {
        const at = this.#items.indexOf(part.index);
        const delta = { item_id: `fc_${at}`, output_index: at, delta: part.text };
        return [this.#event('response.function_call_arguments.delta', delta)];
      }
    }
  }

  end(answer: Answer): object[] {
    const closing = this.#items.flatMap((name, at) => this.#close(name, at, answer));
    const type = isCut(answer) ? 'response.incomplete' : 'response.completed';
    return [...closing, this.#event(type, { response: this.whole(answer) })];
  }

  whole(answer: Answer): object {
    const { finishReason, usage, text, refusal, calls } = answer;
    const reason = finishReason === 'length' ? 'max_output_tokens' : 'content_filter';
    const hasMessage = text !== '' || refusal !== '';
    const all: ItemName[] = [...(hasMessage ? ['message' as const] : []), ...calls.keys()];
    const names = this.#items.length > 0 ? this.#items : all;
    const output = names.map((name, at) => itemOf(name, at, answer));
    return {
      ...this.#response(isCut(answer) ? 'incomplete' : 'completed', output),
      incomplete_details: isCut(answer) ? { reason } : null,
      usage: {
        input_tokens: usage.inputTokens,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: usage.outputTokens,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: usage.totalTokens,
      },
    };
  }

  #say(kind: PartKind, delta: string): object[] {
    const isBegun = this.#items.includes('message');
    const at = isBegun ? this.#items.indexOf('message') : this.#items.push('message') - 1;
    const said = this.#event(`response.${kind}.delta`, { ...placeOf(at), delta });
    if (isBegun) return [said];
    const begun = messageItem([], at, 'in_progress');
    return [
      this.#event('response.output_item.added', { output_index: at, item: begun }),
      this.#event('response.content_part.added', { ...placeOf(at), part: contentPart(kind, '') }),
      said,
    ];
  }

  #close(name: ItemName, at: number, answer: Answer): object[] {
    const item = itemOf(name, at, answer);
    const done = this.#event('response.output_item.done', { output_index: at, item });
    if (name !== 'message') {
      const args = answer.calls[name]?.arguments ?? '';
      const whole = { item_id: `fc_${at}`, output_index: at, arguments: args };
      return [this.#event('response.function_call_arguments.done', whole), done];
    }
    const kind = answer.refusal === '' ? 'output_text' : 'refusal';
    const part = contentPart(kind, answer.refusal === '' ? answer.text : answer.refusal);
    return [
      this.#event(`response.${kind}.done`, { ...part, ...placeOf(at) }),
      this.#event('response.content_part.done', { ...placeOf(at), part }),
      done,
    ];
  }

  /** The type comes last: a part that is spread into an event has one of its own. */
  #event(type: string, fields: object): object {
    this.#sequence += 1;
    return { ...fields, type, sequence_number: this.#sequence - 1 };
  }

  #response(status: string, output: readonly object[]): object {
    const { number, model } = this.#names;
    return {
      id: `resp_${number}`,
      object: 'response',
      created_at: CREATED_AT,
      status,
      model,
      output,
      error: null,
      incomplete_details: null,
      instructions: null,
      metadata: {},
      parallel_tool_calls: true,
      tool_choice: 'auto',
      tools: [],
    };
  }
}

/** Only a refusal in words is a whole answer. */
function isCut({ finishReason, refusal }: Answer): boolean {
  return refusal === '' && (finishReason === 'length' || finishReason === 'content_filter');
}

function placeOf(at: number): object {
  return { item_id: `msg_${at}`, output_index: at, content_index: 0 };
}

function itemOf(name: ItemName, at: number, { text, refusal, calls }: Answer): object {
  if (name !== 'message')
    return callItem(calls[name] ?? { callId: '', name: '', arguments: '' }, at, 'completed');
  const part = refusal === '' ? contentPart('output_text', text) : contentPart('refusal', refusal);
  return messageItem([part], at, 'completed');
}

type PartKind = 'output_text' | 'refusal';

function contentPart(type: PartKind, text: string): object {
  return type === 'refusal'
    ? { type, refusal: text }
    : { type, text, annotations: [], logprobs: [] };
}

function messageItem(content: readonly object[], at: number, status: string): object {
  return { type: 'message', id: `msg_${at}`, role: 'assistant', status, content };
}

function callItem(
  { callId, name, arguments: args }: AnswerCall,
  at: number,
  status: string,
): object {
  return { type: 'function_call', id: `fc_${at}`, call_id: callId, name, arguments: args, status };
}
