import { describe, expectTypeOf, it } from 'vitest';
import * as z from 'zod';

import { type Agent } from './agent.ts';

declare const agent: Agent;

describe('an agent', () => {
  it('types the value by the schema of the output', () => {
    const run = async () => agent.run('Rate it', { output: z.object({ score: z.number() }) });

    expectTypeOf<Awaited<ReturnType<typeof run>>['value']>().toEqualTypeOf<{ score: number }>();
  });

  it('knows nothing of the value without an output', () => {
    const run = async () => agent.run('Hello', { signal: AbortSignal.timeout(1) });

    expectTypeOf<Awaited<ReturnType<typeof run>>['value']>().toEqualTypeOf<unknown>();
  });
});
