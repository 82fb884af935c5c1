import {
  type ChatResponseUpdate,
  type Content,
  type FinishReason,
  type Usage,
} from '@colloquy/core';
import { finalContents, finishReasonOf } from '../wire/answer-end.ts';
import {
  filledStringAt,
  isRecord,
  numberAt,
  recordAt,
  recordsAt,
  stringAt,
} from '../wire/json-fields.ts';
import { type EventReader } from '../wire/read-stream.ts';
import { readUsage, type UsageNames } from '../wire/read-usage.ts';
import { type FailureSite, labelsOf, serviceError } from '../wire/sdk-error.ts';
import { interruptedError, responseError } from '../wire/stream-error.ts';
import { OutputItems } from './output-items.ts';

type Fields = Record<string, unknown>;

const USAGE: UsageNames = { input: 'input', output: 'output' };

/**
 * Folds the events of one response into updates.
 *
 * R1: the answer is one message with the response's id. Only a second message item begins another, with its own id:
 * models comment before they answer, and the two texts are not one.
 * R2: the answer is complete when the response is completed or incomplete, and only then.
 * R3: events this client does not know add nothing.
 */
export class ResponsesReader implements EventReader {
  readonly #site: FailureSite;
  readonly #items: OutputItems;
  #messageId: string | undefined;
  #responseId: string | undefined;
  #model: string | undefined;
  #usage: Usage | undefined;
  #finish: FinishReason | undefined;

  constructor(site: FailureSite, createCallId: () => string) {
    this.#site = site;
    this.#items = new OutputItems(createCallId);
  }

  read(event: unknown): ChatResponseUpdate[] {
    if (!isRecord(event)) {
      throw responseError(
        `Expected an event of the Responses API from ${this.#site.target}, got ${JSON.stringify(event)}. ` +
          `Send the request again; if it stays so, use a client with api: 'chat'.`,
        { requestId: this.#site.requestId, retryable: true },
      );
    }
    const contents = this.#contentsOf(event);
    return contents.length === 0 ? [] : [this.#update(contents)];
  }

  end(): ChatResponseUpdate {
    if (this.#finish === undefined) {
      throw interruptedError(
        `the stream of ${this.#site.target} ended before the response was complete`,
        { requestId: this.#site.requestId },
      );
    }
    const { refusal, hasCalls } = this.#items;
    const finishReason = finishReasonOf(this.#finish, { hasCalls, refusal });
    return { ...this.#update(finalContents(refusal, this.#usage)), finishReason };
  }

  #contentsOf(event: Fields): Content[] {
    switch (event['type']) {
      case 'response.created':
      case 'response.in_progress':
        return this.#adopt(recordAt(event, 'response'));
      case 'response.output_item.added':
        return this.#begin(event);
      case 'response.output_item.done':
        return this.#items.finish(event, recordAt(event, 'item'));
      case 'response.completed':
      case 'response.incomplete':
        return this.#complete(recordAt(event, 'response'));
      case 'response.failed':
        throw this.#failure(recordAt(recordAt(event, 'response'), 'error'));
      case 'error':
        throw this.#failure(event);
      default:
        return this.#deltaOf(event);
    }
  }

  #deltaOf(event: Fields): Content[] {
    const delta = stringAt(event, 'delta') ?? '';
    switch (event['type']) {
      case 'response.output_text.delta':
        return this.#items.add(event, 'text', delta);
      case 'response.refusal.delta':
        return this.#items.refuse(event, delta);
      case 'response.function_call_arguments.delta':
        return this.#items.add(event, 'arguments', delta);
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return this.#items.add(event, 'reasoning', delta);
      case 'response.reasoning_summary_part.added':
        return this.#items.add(event, 'reasoning', numberAt(event, 'summary_index') ? '\n\n' : '');
      default:
        return [];
    }
  }

  #begin(event: Fields): Content[] {
    const item = recordAt(event, 'item');
    const contents = this.#items.begin(event, item);
    if (item['type'] === 'message' && this.#items.messageCount > 1) {
      this.#messageId = filledStringAt(item, 'id') ?? this.#messageId;
    }
    return contents;
  }

  #adopt(response: Fields): Content[] {
    this.#responseId ??= filledStringAt(response, 'id');
    this.#messageId ??= this.#responseId;
    this.#model ??= filledStringAt(response, 'model');
    return [];
  }

  #complete(response: Fields): Content[] {
    this.#adopt(response);
    this.#usage = isRecord(response['usage']) ? readUsage(response['usage'], USAGE) : undefined;
    this.#finish = readFinish(response);
    // Servers that stream no items at all send them with the completed response.
    if (!this.#items.isEmpty) return [];
    return recordsAt(response, 'output').flatMap((item, index) =>
      this.#items.finish({ output_index: index }, item),
    );
  }

  #failure(fields: Fields): Error {
    const message = stringAt(fields, 'message') ?? 'the service gave no reason';
    const labels = labelsOf(fields).filter((label) => label !== 'error');
    return serviceError({ message, status: undefined, labels }, this.#site);
  }

  #update(contents: readonly Content[]): ChatResponseUpdate {
    return {
      contents,
      role: 'assistant',
      ...(this.#messageId === undefined ? {} : { messageId: this.#messageId }),
      ...(this.#responseId === undefined ? {} : { responseId: this.#responseId }),
      ...(this.#model === undefined ? {} : { model: this.#model }),
    };
  }
}

function readFinish(response: Fields): FinishReason {
  const reason = stringAt(recordAt(response, 'incomplete_details'), 'reason');
  if (reason === 'content_filter') return 'content_filter';
  return reason === undefined ? 'stop' : 'length';
}
