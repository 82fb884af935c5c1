import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { defineRequest } from '../graph/request-type.ts';
import { WorkflowBuilder } from '../workflow/workflow-builder.ts';
import { ProgramExecutor } from './program-executor.ts';

const Name = defineRequest('name', { request: z.string(), response: z.string() });

describe('the reset of a program', () => {
  it('forgets what waits', async () => {
    const executor = new ProgramExecutor({
      name: 'greeter',
      program: async (greeting, ctx) => `${String(greeting)} ${await ctx.request(Name, 'who?')}`,
    });
    const workflow = new WorkflowBuilder({ name: 'greeting', start: executor }).build();
    const [asked] = (await workflow.run('hello')).pendingRequests;
    const request = { id: asked?.id ?? '', type: 'name' };
    const before = executor.findResponseHandler(request);

    await workflow.resetForNewRun();

    expect(executor.onCheckpointSave()).toEqual(new Map());
    expect([before?.requestType, executor.findResponseHandler(request)]).toEqual([Name, undefined]);
  });
});
