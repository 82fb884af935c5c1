import { type Answer, type AnswerPart } from './answer.ts';
import { type AnswerNames, CREATED_AT, type WireFormat } from './wire-format.ts';

/** Answers as chunks of Chat Completions. */
export function chatFormat(
  { number, model }: AnswerNames,
  { wantsUsage }: { readonly wantsUsage: boolean },
): WireFormat {
  const frame = { id: `chatcmpl_${number}`, created: CREATED_AT, model };
  const chunk = (delta: object, finishReason: string | null = null): object => ({
    ...frame,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finishReason, logprobs: null }],
  });
  return {
    terminator: 'data: [DONE]\n\n',
    begin: () => [chunk({ role: 'assistant', content: '' })],
    of: (part) => [chunk(deltaOf(part))],
    end: (answer) => {
      const usage = {
        ...frame,
        object: 'chat.completion.chunk',
        choices: [],
        usage: usageOf(answer),
      };
      return [chunk({}, finishOf(answer)), ...(wantsUsage ? [usage] : [])];
    },
    whole: (answer) => {
      const choice = { index: 0, message: messageOf(answer), finish_reason: finishOf(answer) };
      const choices = [{ ...choice, logprobs: null }];
      return { ...frame, object: 'chat.completion', choices, usage: usageOf(answer) };
    },
  };
}

function deltaOf(part: AnswerPart): object {
  switch (part.kind) {
    case 'text':
      return { content: part.text };
    case 'refusal':
      return { refusal: part.text };
    case 'call': {
      const { index, callId: id, name } = part;
      const named = id === '' ? {} : { id };
      return {
        tool_calls: [{ index, ...named, type: 'function', function: { name, arguments: '' } }],
      };
    }
    case 'arguments':
      return { tool_calls: [{ index: part.index, function: { arguments: part.text } }] };
  }
}

/** A refusal is an answer like any other here; only the message tells. */
function finishOf({ finishReason, refusal }: Answer): string {
  return refusal === '' ? finishReason : 'stop';
}

function messageOf({ text, refusal, calls }: Answer): object {
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    refusal: refusal === '' ? null : refusal,
    ...(calls.length === 0
      ? {}
      : {
          tool_calls: calls.map(({ callId: id, name, arguments: args }) => ({
            id,
            type: 'function',
            function: { name, arguments: args },
          })),
        }),
  };
}

function usageOf({ usage: { inputTokens, outputTokens, totalTokens } }: Answer): object {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: totalTokens,
  };
}
