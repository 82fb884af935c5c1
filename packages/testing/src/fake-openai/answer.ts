import {
  type ChatResponseUpdate,
  type Content,
  type FinishReason,
  type Usage,
} from '@colloquy/core';

/** What a piece adds to an answer. */
export type AnswerPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refusal'; readonly text: string }
  | {
      readonly kind: 'call';
      readonly index: number;
      readonly callId: string;
      readonly name: string;
    }
  | { readonly kind: 'arguments'; readonly index: number; readonly text: string };

/** A call in an answer, as far as it has come. */
export interface AnswerCall {
  readonly callId: string;
  readonly name: string;
  arguments: string;
}

/** An answer as it grows; both APIs tell the same of it in their own words. Owns all that has come. */
export class Answer {
  text = '';
  refusal = '';
  usage: Usage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 };
  finishReason: FinishReason = 'stop';
  readonly calls: AnswerCall[] = [];

  /** Takes an update, and gives what it adds. */
  add({ contents, finishReason }: ChatResponseUpdate): AnswerPart[] {
    this.finishReason = finishReason ?? this.finishReason;
    return contents.flatMap((content) => this.#addContent(content));
  }

  #addContent(content: Content): AnswerPart[] {
    switch (content.type) {
      case 'text':
        this.text += content.text;
        return [{ kind: 'text', text: content.text }];
      case 'error':
        this.refusal += content.message;
        return [{ kind: 'refusal', text: content.message }];
      case 'usage':
        this.usage = content.usage;
        return [];
      case 'function_call':
        return this.#addCall(content);
      default:
        return [];
    }
  }

  /** A call with the id of the last one continues it, unless it has no id. */
  #addCall(content: Content & { readonly type: 'function_call' }): AnswerPart[] {
    const { callId, name, arguments: written } = content;
    const text = typeof written === 'string' ? written : JSON.stringify(written);
    const last = this.calls.at(-1);
    if (last !== undefined && callId !== '' && last.callId === callId) {
      last.arguments += text;
      return [{ kind: 'arguments', index: this.calls.length - 1, text }];
    }
    const index = this.calls.push({ callId, name, arguments: text }) - 1;
    return [
      { kind: 'call', index, callId, name },
      { kind: 'arguments', index, text },
    ];
  }
}
