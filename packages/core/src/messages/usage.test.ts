import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addUsage, NO_USAGE, type Usage } from './usage.ts';

const count = fc.nat(1_000_000);
const usage: fc.Arbitrary<Usage> = fc.record(
  {
    inputTokens: count,
    outputTokens: count,
    totalTokens: count,
    cachedInputTokens: count,
    reasoningTokens: count,
  },
  { requiredKeys: ['inputTokens', 'outputTokens', 'totalTokens'] },
);

describe('addUsage', () => {
  it('adds every count and keeps optional ones that either side has', () => {
    expect(
      addUsage(
        { inputTokens: 1, outputTokens: 2, totalTokens: 3, cachedInputTokens: 1 },
        { inputTokens: 10, outputTokens: 20, totalTokens: 30, reasoningTokens: 5 },
      ),
    ).toEqual({
      inputTokens: 11,
      outputTokens: 22,
      totalTokens: 33,
      cachedInputTokens: 1,
      reasoningTokens: 5,
    });
  });

  it('is associative and commutative, with no usage as its zero', () => {
    fc.assert(
      fc.property(usage, usage, usage, (a, b, c) => {
        expect(addUsage(addUsage(a, b), c)).toEqual(addUsage(a, addUsage(b, c)));
        expect(addUsage(a, b)).toEqual(addUsage(b, a));
        expect(addUsage(a, NO_USAGE)).toEqual(a);
      }),
    );
  });
});
