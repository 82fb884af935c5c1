import {
  type Content,
  type FunctionCallContent,
  type FunctionResultContent,
} from '../messages/content.ts';
import { type Message } from '../messages/message.ts';
import { errorResult } from '../tools/invoke-tool.ts';

const NO_RESULT = 'No result of this call is known.';

/**
 * The conversation as a model may see it: every call has exactly one result, right behind the message that calls;
 * results without a call, approvals, usage and errors are left out, and so are messages that then say nothing.
 */
export function toModelMessages(messages: readonly Message[]): Message[] {
  const results = new ResultLookup(messages);
  return messages.flatMap((message) => {
    // Most messages are only text; this is done for a whole conversation at every call of a model.
    if (message.contents.length > 0 && message.contents.every(isOnlyForModels)) return message;
    const contents = message.contents.filter(isForModels);
    if (contents.length === 0) return [];
    const calls = contents.filter(isCall);
    const isWhole = contents.length === message.contents.length;
    const spoken = isWhole ? message : { ...message, contents };
    if (calls.length === 0) return [spoken];
    return [spoken, { role: 'tool', contents: calls.map(({ callId }) => results.take(callId)) }];
  });
}

/** Whether nothing has to be left out or answered because of a content. */
function isOnlyForModels(content: Content): boolean {
  return isForModels(content) && !isCall(content);
}

/** The calls of a conversation, in order. */
export function callsIn(messages: readonly Message[]): FunctionCallContent[] {
  return messages.flatMap(({ contents }) => contents.filter(isCall));
}

/** Pairs calls with results: where a foreign conversation uses an id twice, in order. */
class ResultLookup {
  readonly #results = new Map<string, FunctionResultContent[]>();

  constructor(messages: readonly Message[]) {
    for (const { contents } of messages) {
      for (const content of contents) {
        if (content.type !== 'function_result') continue;
        const known = this.#results.get(content.callId);
        if (known === undefined) this.#results.set(content.callId, [content]);
        else known.push(content);
      }
    }
  }

  take(callId: string): FunctionResultContent {
    return this.#results.get(callId)?.shift() ?? errorResult(callId, NO_RESULT);
  }
}

function isCall(content: Content): content is FunctionCallContent {
  return content.type === 'function_call';
}

/** Results are put behind their calls, so they are left out where they stand. */
function isForModels(content: Content): boolean {
  switch (content.type) {
    case 'text':
      return content.text !== '';
    case 'reasoning':
    case 'data':
    case 'uri':
    case 'function_call':
      return true;
    case 'function_result':
    case 'function_approval_request':
    case 'function_approval_response':
    case 'usage':
    case 'error':
      return false;
  }
}
