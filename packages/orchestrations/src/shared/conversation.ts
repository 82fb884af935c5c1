import { type AgentResponse, type Message, textOf } from '@colloquy/core';

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
