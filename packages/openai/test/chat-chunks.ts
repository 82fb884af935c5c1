/** A chunk of a chat completion with one choice. */
export function chunk(
  delta: Readonly<Record<string, unknown>>,
  finishReason: string | null = null,
): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-test-2026',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
  };
}

/** The chunk that carries usage and no choice. */
export function usageChunk(usage: Readonly<Record<string, unknown>>): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gpt-test-2026',
    choices: [],
    usage,
  };
}

/** A piece of a tool call, as `delta.tool_calls` has it. */
export function toolDelta(
  call: Readonly<Record<string, unknown>>,
  details: Readonly<Record<string, unknown>>,
): object {
  return chunk({ tool_calls: [{ ...call, function: details }] });
}

/** What every update of such chunks carries beside its contents. */
export const FROM_CHUNKS = {
  role: 'assistant',
  messageId: 'chatcmpl-1',
  responseId: 'chatcmpl-1',
  model: 'gpt-test-2026',
} as const;
