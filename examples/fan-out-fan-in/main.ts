/** Three reviewers at once; the join gets their answers in declared order, whoever was first. */
import { setTimeout as delay } from 'node:timers/promises';

import { defineExecutor, WorkflowBuilder } from '@colloquy/core';

const draft = defineExecutor('draft', (topic: string) => `A short note on ${topic}`);
const reviewer = (id: string, delayMs: number) =>
  defineExecutor(id, async (text: string, ctx) => {
    await delay(delayMs, undefined, { signal: ctx.signal });
    return `${id}: "${text}" reads well`;
  });
const [legal, style, facts] = [
  reviewer('legal', 30),
  reviewer('style', 20),
  reviewer('facts', 10),
] as const;
const join = defineExecutor('join', (reviews: readonly string[], ctx) =>
  ctx.yield(reviews.join('\n')),
);

const workflow = new WorkflowBuilder({ name: 'review', start: draft })
  .addFanOut(draft, [legal, style, facts])
  .addFanIn([legal, style, facts], join)
  .build();

console.log((await workflow.run('tides')).outputs[0]);
