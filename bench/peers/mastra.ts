import { createStep, createWorkflow } from '@mastra/core/workflows';
import { z } from 'zod';

import { type Subject } from '../subject.ts';

const counted = z.object({ count: z.number() });

const addOne = (id: string) =>
  createStep({
    id,
    inputSchema: counted,
    outputSchema: counted,
    execute: async ({ inputData }) => ({ count: inputData.count + 1 }),
  });

function chainOf(length: number) {
  let workflow: any = createWorkflow({ id: 'chain', inputSchema: counted, outputSchema: counted });
  for (let index = 0; index < length; index += 1) workflow = workflow.then(addOne(`n${index}`));
  return workflow.commit();
}

function loopOf(supersteps: number) {
  return createWorkflow({ id: 'loop', inputSchema: counted, outputSchema: counted })
    .dountil(addOne('step'), async ({ inputData }) => inputData.count >= supersteps)
    .commit();
}

async function resultOf(workflow: any): Promise<number> {
  const run = await workflow.createRun();
  const ended = await run.start({ inputData: { count: 0 } });
  return ended.result.count;
}

/** Mastra: workflows of steps with schemas, which it validates at every step. */
export const subject: Subject = {
  name: 'Mastra',
  chain: (length) => {
    const workflow = chainOf(length);
    return () => resultOf(workflow);
  },
  loop: (supersteps) => {
    const workflow = loopOf(supersteps);
    return () => resultOf(workflow);
  },
  streamedLoop: (supersteps) => {
    const workflow: any = loopOf(supersteps);
    return async () => {
      const run = await workflow.createRun();
      const output = await run.stream({ inputData: { count: 0 } });
      for await (const _event of output.fullStream);
      return (await output.result).result.count;
    };
  },
  fanOut: (width, waitMs) => {
    const answer = createStep({
      id: 'answer',
      inputSchema: z.number(),
      outputSchema: z.number(),
      execute: async () => {
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        return 1;
      },
    });
    const start = createStep({
      id: 'start',
      inputSchema: counted,
      outputSchema: z.array(z.number()),
      execute: async () => Array.from({ length: width }, () => 0),
    });
    const sum = createStep({
      id: 'sum',
      inputSchema: z.array(z.number()),
      outputSchema: counted,
      execute: async ({ inputData }) => ({ count: inputData.reduce((left, one) => left + one, 0) }),
    });
    const workflow = createWorkflow({ id: 'fan', inputSchema: counted, outputSchema: counted })
      .then(start)
      .foreach(answer, { concurrency: width })
      .then(sum)
      .commit();
    return () => resultOf(workflow);
  },
  forks: (length) => {
    const workflow = chainOf(length);
    return () => () => resultOf(workflow);
  },
};
