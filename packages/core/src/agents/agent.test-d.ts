import { describe, expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import { type AgentResponse } from '../messages/response.ts';
import { type Agent } from './agent.ts';
import { type AgentLike, type AgentRunOptions } from './agent-like.ts';

declare const agent: Agent;

describe('Agent', () => {
  it('types the value after the output schema', async () => {
    const output = z.object({ score: z.number(), at: z.string().transform(Number) });

    const response = await agent.run('Rate it', { output });

    expectTypeOf(response.value).toEqualTypeOf<{ score: number; at: number }>();
    expectTypeOf(agent.stream('Rate it', { output }).response).resolves.toEqualTypeOf<
      AgentResponse<{ score: number; at: number }>
    >();
  });

  it('knows nothing of a value that was not asked for', async () => {
    const response = await agent.run('Say it', { session: agent.createSession() });

    expectTypeOf(response.value).toBeUnknown();
  });

  it('is agent-like', () => {
    expectTypeOf(agent).toExtend<AgentLike>();
  });

  it('takes no output that is no schema', () => {
    expectTypeOf<{ output: { score: 'number' } }>().not.toExtend<AgentRunOptions>();
  });
});
