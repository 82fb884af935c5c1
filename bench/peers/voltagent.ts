import { andThen, createWorkflowChain } from '@voltagent/core';
import { z } from 'zod';

import { type Subject } from '../subject.ts';

const counted = z.object({ count: z.number() });
const addOne = (id: string) =>
  andThen({ id, execute: async ({ data }: any) => ({ count: data.count + 1 }) });

const start = (): any =>
  createWorkflowChain({ id: 'bench', name: 'bench', input: counted, result: counted });

function chainOf(length: number) {
  let chain = start();
  for (let index = 0; index < length; index += 1)
    chain = chain.andThen({
      id: `n${index}`,
      execute: async ({ data }: any) => ({ count: data.count + 1 }),
    });
  return chain;
}

const runOf = (chain: any) => async () => (await chain.run({ count: 0 })).result.count;

/** VoltAgent: workflow chains. */
export const subject: Subject = {
  name: 'VoltAgent',
  chain: (length) => runOf(chainOf(length)),
  loop: (supersteps) =>
    runOf(
      start().andDoUntil({
        id: 'loop',
        step: addOne('step'),
        condition: async ({ data }: any) => data.count >= supersteps,
      }),
    ),
  fanOut: (width, waitMs) => {
    const steps = Array.from({ length: width }, (_, index) =>
      andThen({
        id: `w${index}`,
        execute: async () => {
          if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
          return { count: 1 };
        },
      }),
    );
    return runOf(
      start()
        .andAll({ id: 'all', steps })
        .andThen({
          id: 'sum',
          execute: async ({ data }: any) => ({
            count: data.reduce((sum: number, one: any) => sum + one.count, 0),
          }),
        }),
    );
  },
  forks: (length) => {
    const run = runOf(chainOf(length));
    return () => run;
  },
};
