import {
  type ChatResponseUpdate,
  type Content,
  type FinishReason,
  type Usage,
} from '@colloquy/core';
import { type EventReader } from '../wire/read-stream.ts';
import { type FailureSite } from '../wire/sdk-error.ts';
import { interruptedError, responseError } from '../wire/stream-error.ts';
import { finalContents, finishReasonOf } from '../wire/answer-end.ts';
import { type ChatChoice, type ChatChunk, tryReadChatChunk } from './chat-chunk.ts';
import { ToolCallStream } from './tool-call-stream.ts';

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
};

/**
 * Folds the chunks of one chat completion into updates.
 *
 * R1: all updates carry the ids of the first chunk that has one: some servers give every chunk its own.
 * R2: usage is told once, at the end: some servers repeat a growing count in every chunk.
 * R3: an answer is complete when a finish reason has come, and only then. The SDK hides the `[DONE]` mark, so
 * without a finish reason an answer that was cut looks the same as one that is whole.
 * R4: only the first choice is read.
 */
export class ChatReader implements EventReader {
  readonly #site: FailureSite;
  readonly #calls: ToolCallStream;
  #id: string | undefined;
  #model: string | undefined;
  #usage: Usage | undefined;
  #refusal = '';
  #finish: FinishReason | undefined;
  #seen: 'nothing' | 'chunks' | 'choices' = 'nothing';

  constructor(site: FailureSite, createCallId: () => string) {
    this.#site = site;
    this.#calls = new ToolCallStream(createCallId);
  }

  read(event: unknown): ChatResponseUpdate[] {
    const chunk = tryReadChatChunk(event);
    if (chunk === undefined) {
      throw this.#invalid(`got ${JSON.stringify(event)} in place of a chunk`);
    }
    this.#note(chunk);
    const contents = chunk.choice === undefined ? [] : this.#contentsOf(chunk.choice);
    return contents.length === 0 ? [] : [this.#update(contents)];
  }

  end(): ChatResponseUpdate {
    const finish = this.#finish;
    if (finish === undefined) throw this.#unfinished();
    const unnamed = this.#calls.unnamed;
    if (unnamed.length > 0) {
      throw this.#invalid(`the tool calls ${unnamed.join(', ')} have no name`);
    }
    const finishReason = finishReasonOf(finish, {
      hasCalls: !this.#calls.isEmpty,
      refusal: this.#refusal,
    });
    return { ...this.#update(finalContents(this.#refusal, this.#usage)), finishReason };
  }

  #note(chunk: ChatChunk): void {
    this.#id ??= chunk.id;
    this.#model ??= chunk.model;
    this.#usage = chunk.usage ?? this.#usage;
    if (chunk.choice !== undefined) this.#seen = 'choices';
    else if (this.#seen === 'nothing') this.#seen = 'chunks';
  }

  #contentsOf(choice: ChatChoice): Content[] {
    const { text, reasoning, refusal, toolCalls, finishReason } = choice;
    this.#refusal += refusal;
    // Servers have reasons of their own, such as `eos`; all of them mean that the model was done.
    if (finishReason !== undefined) this.#finish = FINISH_REASONS[finishReason] ?? 'stop';
    const contents: Content[] = [];
    if (reasoning !== '') contents.push({ type: 'reasoning', text: reasoning });
    if (text !== '') contents.push({ type: 'text', text });
    contents.push(...toolCalls.flatMap((delta) => this.#calls.add(delta)));
    return contents;
  }

  #update(contents: readonly Content[]): ChatResponseUpdate {
    return {
      contents,
      role: 'assistant',
      ...(this.#id === undefined ? {} : { messageId: this.#id, responseId: this.#id }),
      ...(this.#model === undefined ? {} : { model: this.#model }),
    };
  }

  #unfinished(): Error {
    if (this.#seen === 'chunks') return this.#invalid('no chunk had a choice');
    return interruptedError(`the stream of ${this.#site.target} ended without a finish reason`, {
      requestId: this.#site.requestId,
    });
  }

  #invalid(what: string): Error {
    return responseError(
      `Expected a chat completion from ${this.#site.target}, but ${what}. ` +
        `Send the request again; if it stays so, the server is not compatible with Chat Completions.`,
      { requestId: this.#site.requestId, retryable: true },
    );
  }
}
