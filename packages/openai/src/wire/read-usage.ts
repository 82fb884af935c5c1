import { type Usage } from '@colloquy/core';
import { numberAt, recordAt } from './json-fields.ts';

/** How an API names what goes into a model and what comes out of it. */
export interface UsageNames {
  readonly input: 'prompt' | 'input';
  readonly output: 'completion' | 'output';
}

/** Reads token counts; one that the service does not report is 0, and the sum where it gives no total. */
export function readUsage(usage: Record<string, unknown>, { input, output }: UsageNames): Usage {
  const inputTokens = numberAt(usage, `${input}_tokens`) ?? 0;
  const outputTokens = numberAt(usage, `${output}_tokens`) ?? 0;
  const cached = numberAt(recordAt(usage, `${input}_tokens_details`), 'cached_tokens');
  const reasoning = numberAt(recordAt(usage, `${output}_tokens_details`), 'reasoning_tokens');
  return {
    inputTokens,
    outputTokens,
    totalTokens: numberAt(usage, 'total_tokens') ?? inputTokens + outputTokens,
    ...(cached === undefined ? {} : { cachedInputTokens: cached }),
    ...(reasoning === undefined ? {} : { reasoningTokens: reasoning }),
  };
}
