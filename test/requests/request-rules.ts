import { type Content, type Message, textOf } from '@colloquy/core';

import { lintTranscript } from '../../packages/core/src/chat/transcript.ts';

/** What the models of one test have said so far. */
export interface Said {
  /** How often a text was the whole of an answer. */
  readonly texts: Map<string, number>;
  /** Whose model made a call. */
  readonly calls: Map<string, Set<string>>;
}

/** One request that a model got, and the agent that it came from, where one is known. */
export interface AskedModel {
  readonly messages: readonly Message[];
  readonly agent: string | undefined;
}

/** Tells calls apart; ids do not, because every script counts its own. */
export function callKey(call: { readonly name: string; readonly arguments: unknown }): string {
  return JSON.stringify([call.name, call.arguments]);
}

/**
 * What is wrong with a request, by rules that hold in this suite and need not hold for what callers bring:
 *
 * - no message, and no content of one, is there twice, and no answer more often than a model gave it;
 * - no call or result is another agent's;
 * - and everything that `lintTranscript` asks for.
 */
export function problemsOfRequest(request: AskedModel, said: Said): string[] {
  const linted = lintTranscript(request.messages).map(
    ({ index, expected }) => `messages[${index}]: expected ${expected}`,
  );
  return [...linted, ...repeated(request.messages, said), ...foreignCalls(request, said)];
}

function repeated(messages: readonly Message[], { texts }: Said): string[] {
  const seen = new Set<Message | Content>();
  const counts = new Map<string, number>();
  return messages.flatMap((message, index) => {
    const isSame = [message, ...message.contents].some((each) => seen.has(each));
    for (const each of [message, ...message.contents]) seen.add(each);
    if (isSame) return [`messages[${index}] is there a second time`];
    const text = message.role === 'assistant' ? textOf(message) : '';
    const count = (counts.get(text) ?? 0) + 1;
    counts.set(text, count);
    const given = texts.get(text);
    const isTooOften = text !== '' && given !== undefined && count > given;
    return isTooOften ? [`messages[${index}] repeats ${JSON.stringify(text)}`] : [];
  });
}

function foreignCalls({ messages, agent }: AskedModel, { calls }: Said): string[] {
  if (agent === undefined) return [];
  return messages.flatMap(({ contents, authorName = agent }, index) =>
    contents.flatMap((content) => {
      if (content.type !== 'function_call') return [];
      const callers = calls.get(callKey(content));
      const isOwn = authorName === agent && (callers === undefined || callers.has(agent));
      return isOwn ? [] : [`messages[${index}] is a call of ${content.name} by another`];
    }),
  );
}
