import {
  type ChatClient,
  ChatClientError,
  type ChatOptions,
  type ChatResponseUpdate,
  type Content,
  type Message,
  textOf,
  type Usage,
} from '@colloquy/core';

import { tellModelWatch } from './model-watch.ts';
import { lastTextOf, type RecordedRequest, recordRequest } from './recorded-request.ts';
import { isKind, type ScriptEntry, updatesOf } from './script-entry.ts';

/**
 * A model that answers from a script, in order, and records every request it gets.
 *
 * Several agents may share one; then the script is in the order in which they ask. Usage counts words. Owns what is left
 * of the script.
 */
export class ScriptedChatClient implements ChatClient {
  readonly model = 'scripted';
  /** Every request, in order, as copies. */
  readonly requests: RecordedRequest[] = [];
  readonly #script: readonly ScriptEntry[];
  #used = 0;
  #calls = 0;

  constructor(script: readonly ScriptEntry[]) {
    this.#script = script;
  }

  /**
   * Answers with the next entry of the script.
   *
   * Rejects with the entry where it is an error, with `ChatClientError` `chat-client/script` when nothing is left or the
   * request is not the one the entry is for, and with the signal's reason.
   */
  async *stream(
    messages: readonly Message[],
    options: ChatOptions = {},
  ): AsyncGenerator<ChatResponseUpdate, void> {
    const { signal } = options;
    signal?.throwIfAborted();
    const request = recordRequest(messages, options);
    this.requests.push(request);
    tellModelWatch({ client: this, messages, request, signal });
    const pieces = await orAborted(this.#answer(request), signal);
    const updates: ChatResponseUpdate[] = [];
    for (const piece of pieces) {
      signal?.throwIfAborted();
      if (piece instanceof Error) throw piece;
      updates.push(piece);
      yield piece;
    }
    signal?.throwIfAborted();
    const isCalling = updates.some(({ contents }) =>
      contents.some(({ type }) => type === 'function_call'),
    );
    const usage = usageOf(messages, updates);
    yield { contents: [{ type: 'usage', usage }], finishReason: isCalling ? 'tool_calls' : 'stop' };
  }

  /** @throws {ChatClientError} `chat-client/script` when entries of the script were not used. */
  assertExhausted(): void {
    const left = this.#script.slice(this.#used);
    if (left.length === 0) return;
    throw scriptError(
      `Expected every entry of the script to be used, but ${left.length} of ${this.#script.length} are left; the first is ${describeEntry(left[0])}. Shorten the script, or find out why the model was not asked.`,
    );
  }

  /** Begins the script anew and forgets the requests, as a new client would. */
  rewind(): void {
    this.#used = 0;
    this.#calls = 0;
    this.requests.length = 0;
  }

  async #answer(request: RecordedRequest): Promise<(ChatResponseUpdate | Error)[]> {
    const entry = this.#script[this.#used];
    if (entry === undefined) {
      throw scriptError(
        `The script has ${this.#script.length} entries, but request ${this.requests.length} came, ending in ${JSON.stringify(lastTextOf(request))}. Add an entry, or find out why the model was asked again.`,
      );
    }
    this.#used += 1;
    let reply = entry;
    while (typeof reply === 'function' || isKind(reply, 'match')) {
      if (typeof reply === 'function') reply = await reply(request);
      else {
        this.#assertMatches(reply.matcher, request);
        reply = reply.reply;
      }
    }
    return updatesOf(reply, () => {
      this.#calls += 1;
      return `call_${this.#calls}`;
    });
  }

  #assertMatches(
    matcher: string | ((request: RecordedRequest) => boolean),
    request: RecordedRequest,
  ): void {
    const text = lastTextOf(request);
    const matches = typeof matcher === 'string' ? text.includes(matcher) : matcher(request);
    if (matches) return;
    const expected =
      typeof matcher === 'string'
        ? `one whose last message contains ${JSON.stringify(matcher)}`
        : 'another';
    throw scriptError(
      `Request ${this.requests.length} is not the one that entry ${this.#used} of the script is for: expected ${expected}, got one ending in ${JSON.stringify(text)}.`,
    );
  }
}

/** Makes a model that answers from a script. */
export function scripted(script: readonly ScriptEntry[]): ScriptedChatClient {
  return new ScriptedChatClient(script);
}

/** Waits for a reply, but not longer than the caller does. */
async function orAborted<T>(reply: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return reply;
  let stop = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([aborted, reply]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function scriptError(message: string): ChatClientError {
  return new ChatClientError(message, { code: 'chat-client/script', retryable: false });
}

function describeEntry(entry: unknown): string {
  if (typeof entry === 'function') return 'a function';
  return entry instanceof Error ? `the error "${entry.message}"` : JSON.stringify(entry);
}

/** Words for tokens: the same input always costs the same. */
function usageOf(messages: readonly Message[], updates: readonly ChatResponseUpdate[]): Usage {
  const inputTokens = messages.reduce((sum, message) => sum + countWords(textOf(message)), 0);
  const outputTokens = updates.reduce((sum, { contents }) => sum + countContents(contents), 0);
  return { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens };
}

function countContents(contents: readonly Content[]): number {
  return contents.reduce((sum, content) => {
    if (content.type === 'text') return sum + countWords(content.text);
    return content.type === 'function_call' ? sum + 1 : sum;
  }, 0);
}

function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}
