import {
  type Content,
  type FunctionCallContent,
  type FunctionResultContent,
} from '../messages/content.ts';
import { type Message } from '../messages/message.ts';
import { errorResult } from '../tools/invoke-tool.ts';
import { TOOL_NAME } from '../tools/tool-name.ts';
import { takeCallId } from './call-ids.ts';
import { isPlainText } from './plain-text.ts';

const NO_RESULT = 'No result of this call is known.';

/**
 * The conversation as a model may see it: every call has exactly one result, right behind the message that calls;
 * results without a call, approvals, usage and errors are left out, and so are messages that then say nothing. Names and
 * ids that no service takes are mended.
 *
 * What this cannot mend is for `assertTranscript` to refuse.
 */
export function toModelMessages(messages: readonly Message[]): Message[] {
  if (messages.every(isPlainText)) return [...messages];
  const results = new ResultLookup(messages);
  return messages.flatMap((message) => {
    if (isPlainText(message) || isReady(message)) return message;
    const contents = message.contents.filter(isForModels);
    if (contents.length === 0) return [];
    const taken = new Set<string>();
    const answers: FunctionResultContent[] = [];
    const sent = contents.map((content) => {
      if (!isCall(content)) return content;
      const call = mendedCall(content, taken);
      answers.push(withCallId(results.take(content.callId), call.callId));
      return call;
    });
    const spoken = withContents(message, sent);
    return answers.length === 0 ? [spoken] : [spoken, { role: 'tool', contents: answers }];
  });
}

/** Whether a message can be sent as it is. */
function isReady({ role, contents, authorName }: Message): boolean {
  const isNamed = authorName !== '' && role !== 'tool';
  return isNamed && contents.length > 0 && contents.every(isSentAsItIs);
}

/** Whether nothing has to be left out or answered because of a content. */
function isSentAsItIs(content: Content): boolean {
  return isForModels(content) && !isCall(content);
}

/** The message with these contents, or itself where nothing changes; without an author whose name is empty. */
function withContents(message: Message, contents: readonly Content[]): Message {
  const { authorName, ...anonymous } = message;
  // Of a tool's message the results are behind their calls; what else it holds was not said by the assistant.
  if (message.role === 'tool') return { ...anonymous, role: 'user', contents };
  if (authorName === '') return { ...anonymous, contents };
  const isSame =
    contents.length === message.contents.length &&
    contents.every((content, index) => content === message.contents[index]);
  return isSame ? message : { ...message, contents };
}

/**
 * A call under a name and an id that services take; the name of a tool that exists is such a name already.
 *
 * @param taken - The ids of the message's calls so far; the call's is added.
 */
function mendedCall(call: FunctionCallContent, taken: Set<string>): FunctionCallContent {
  const callId = takeCallId(call.callId, taken);
  if (TOOL_NAME.test(call.name)) return callId === call.callId ? call : { ...call, callId };
  const name = call.name.replaceAll(/[^A-Za-z0-9_-]+/g, '_').slice(0, 64);
  return { ...call, callId, name: name === '' ? 'unnamed' : name };
}

function withCallId(result: FunctionResultContent, callId: string): FunctionResultContent {
  return result.callId === callId ? result : { ...result, callId };
}

/** The calls of a conversation, in order. */
export function callsIn(messages: readonly Message[]): FunctionCallContent[] {
  const calls: FunctionCallContent[] = [];
  for (const message of messages)
    if (!isPlainText(message)) calls.push(...message.contents.filter(isCall));
  return calls;
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
      return content.text !== '' || content.protected !== undefined;
    case 'data':
      return content.data !== '';
    case 'uri':
      return content.uri !== '';
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
