/** Two executors in a row: the first sends on what it returns, the second yields the result. */
import { defineExecutor, toMermaid, WorkflowBuilder } from '@colloquy/core';

const upper = defineExecutor('upper', (text: string) => text.toUpperCase());
const reverse = defineExecutor('reverse', (text: string, ctx) =>
  ctx.yield(Array.from(text).toReversed().join('')),
);

const workflow = new WorkflowBuilder({ name: 'shout', start: upper })
  .addEdge(upper, reverse)
  .build();

const stream = workflow.stream('hello');
for await (const event of stream) console.log(event.seq, event.type);
console.log((await stream.result).outputs);
console.log(toMermaid(workflow));
