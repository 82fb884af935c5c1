import { type AgentResponse, type Content, type Message, textOf } from '@colloquy/core';

/**
 * What the others see of a participant's reply: text, images and files.
 *
 * Tool calls and their results, approvals, reasoning, usage and errors are the speaker's own; a message of nothing
 * else is left out. The messages are deep-frozen copies, so that a view of them can be handed to anybody.
 *
 * Differs from Python `clean_conversation_for_handoff`, which also drops images and files.
 */
export function visibleMessages(messages: readonly Message[], authorName?: string): Message[] {
  return messages.flatMap((message) => {
    const contents = message.contents.filter(isVisible);
    if (contents.length === 0) return [];
    const author = message.authorName ?? authorName;
    const visible: Message =
      author === undefined
        ? { ...message, contents }
        : { ...message, contents, authorName: author };
    return [deepFreeze(structuredClone(visible))];
  });
}

function isVisible(content: Content): boolean {
  switch (content.type) {
    case 'text':
      return content.text !== '';
    case 'data':
    case 'uri':
      return true;
    case 'reasoning':
    case 'function_call':
    case 'function_result':
    case 'function_approval_request':
    case 'function_approval_response':
    case 'usage':
    case 'error':
      return false;
  }
}

/** Freezes a value and everything it holds. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) deepFreeze(item);
  }
  return value;
}

/** A response of messages that no model call of an agent made. */
export function responseOf(agentName: string, messages: readonly Message[]): AgentResponse {
  return {
    agentName,
    messages,
    text: messages.map(textOf).findLast((text) => text !== '') ?? '',
    usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
    value: undefined,
    approvalRequests: [],
  };
}
