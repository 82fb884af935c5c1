/** A human's yes over HTTP, to a workflow and to a tool call; each answer goes to another server than its question. */
import {
  Agent,
  defineExecutor,
  defineRequest,
  defineTool,
  MemoryCheckpointStore,
  WorkflowBuilder,
} from '@colloquy/core';
import { MemoryResponseStore, responsesApp } from '@colloquy/hosting';
import { serveApp } from '@colloquy/hosting/node';
import { scripted, toolCall } from '@colloquy/testing';
import OpenAI from 'openai';
import * as z from 'zod';

const Approval = defineRequest('approval', {
  request: z.object({ draft: z.string() }),
  response: z.object({ approve: z.boolean() }),
});

const editor = defineExecutor('editor')
  .on(String, (draft, ctx) => ctx.request(Approval, { draft }))
  .onResponse(Approval, ({ approve }, { draft }, ctx) =>
    ctx.yield(approve ? `Published: ${draft}` : 'Held back.'),
  );
const publisher = new WorkflowBuilder({ name: 'publisher', start: editor }).build();

const refund = defineTool({
  name: 'refund',
  description: 'Pays money back',
  input: z.object({ amount: z.number() }),
  needsApproval: true,
  execute: ({ amount }) => `paid ${amount}`,
});
const script = scripted([toolCall('refund', { amount: 30 }), 'Your 30 are on their way.']);
const cashier = new Agent({ name: 'cashier', client: script, tools: [refund] });

const hosted = {
  models: { publisher, cashier },
  checkpoints: new MemoryCheckpointStore(),
  store: new MemoryResponseStore(),
};

/** Serves for as long as somebody works with it. */
async function withServer<T>(work: (client: OpenAI) => Promise<T>): Promise<T> {
  const server = await serveApp(responsesApp(hosted), { port: 0 });
  const result = await work(new OpenAI({ baseURL: server.url, apiKey: 'local' }));
  await server.close();
  return result;
}

const ask = (model: string, input: string) =>
  withServer((client) => client.responses.create({ model, input }));
const answer = (previous_response_id: string, item: OpenAI.Responses.ResponseInputItem) =>
  withServer((client) => client.responses.create({ previous_response_id, input: [item] }));

const draft = await ask('publisher', 'We ship on Friday.');
for (const item of draft.output) {
  if (item.type !== 'function_call') continue;
  console.log(`${item.name}?`, JSON.parse(item.arguments).data);
  const done = await answer(draft.id, {
    type: 'function_call_output',
    call_id: item.call_id,
    output: JSON.stringify({ approve: true }),
  });
  console.log(done.output_text);
}

const order = await ask('cashier', 'I want my money back.');
for (const item of order.output) {
  if (item.type !== 'mcp_approval_request') continue;
  console.log(`${item.name}?`, JSON.parse(item.arguments));
  const done = await answer(order.id, {
    type: 'mcp_approval_response',
    approval_request_id: item.id,
    approve: true,
  });
  console.log(done.output_text);
}
