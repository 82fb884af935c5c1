import {
  type Content,
  type FunctionCallContent,
  type FunctionResultContent,
} from '../messages/content.ts';
import { type Message } from '../messages/message.ts';
import { errorResult } from '../tools/invoke-tool.ts';

const NO_ANSWER =
  'No result: nobody answered whether this call may be made, and the conversation went on.';

/**
 * The conversation as a model may see it: every call has exactly one result, right after it; approvals, usage and
 * errors are left out, and so are messages that then say nothing.
 */
export function toModelMessages(messages: readonly Message[]): Message[] {
  const results = resultsByCall(messages);
  return messages.flatMap((message) => {
    const contents = message.contents.filter(isForModels);
    if (contents.length === 0) return [];
    const calls = contents.filter(isCall);
    const spoken: Message = { ...message, contents };
    if (calls.length === 0) return [spoken];
    const answers = calls.map(
      ({ callId }) => results.get(callId) ?? errorResult(callId, NO_ANSWER),
    );
    return [spoken, { role: 'tool', contents: answers }];
  });
}

/** The calls of a conversation, in order. */
export function callsIn(messages: readonly Message[]): FunctionCallContent[] {
  return messages.flatMap(({ contents }) => contents.filter(isCall));
}

/** The result of each call that has one; the first counts. */
export function resultsByCall(messages: readonly Message[]): Map<string, FunctionResultContent> {
  const results = new Map<string, FunctionResultContent>();
  for (const { contents } of messages) {
    for (const content of contents) {
      if (content.type === 'function_result' && !results.has(content.callId))
        results.set(content.callId, content);
    }
  }
  return results;
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

/** Gives calls whose id is missing or taken one of their own, so that every call has its own result. */
export function withUniqueCallIds(
  messages: readonly Message[],
  earlier: readonly Message[],
): Message[] {
  const taken = new Set(callsIn(earlier).map(({ callId }) => callId));
  return messages.map((message) => ({
    ...message,
    contents: message.contents.map((content) => {
      if (content.type !== 'function_call') return content;
      const callId = freeCallId(content.callId, taken);
      taken.add(callId);
      return callId === content.callId ? content : { ...content, callId };
    }),
  }));
}

function freeCallId(wanted: string, taken: ReadonlySet<string>): string {
  const base = wanted === '' ? 'call' : wanted;
  let candidate = base;
  for (let count = 2; taken.has(candidate); count += 1) candidate = `${base}_${count}`;
  return candidate;
}
