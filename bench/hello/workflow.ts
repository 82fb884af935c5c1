import { defineExecutor, WorkflowBuilder } from '@colloquy/core';

const upper = defineExecutor('upper', (text: string) => text.toUpperCase());
const greet = defineExecutor('greet', (text: string, { yield: output }) => output(`Hello ${text}`));
const workflow = new WorkflowBuilder({ name: 'hello', start: upper }).addEdge(upper, greet).build();
console.log((await workflow.run('world')).outputs);
