/** A tool that needs a human's yes: the run ends with a question, and goes on with the answer. */
import { Agent, defineTool } from '@colloquy/core';
import { scripted, toolCall } from '@colloquy/testing';
import * as z from 'zod';

const refund = defineTool({
  name: 'refund',
  description: 'Pays money back to a customer',
  input: z.object({ order: z.string(), amount: z.number() }),
  needsApproval: ({ amount }) => amount > 50,
  execute: ({ order, amount }) => `refunded ${amount} for ${order}`,
});

const agent = new Agent({
  name: 'support',
  instructions: 'Help customers.',
  tools: [refund],
  client: scripted([
    toolCall('refund', { order: 'A-17', amount: 20 }),
    'Your 20 are on their way.',
    toolCall('refund', { order: 'B-4', amount: 900 }),
    'A colleague declined the refund: over the limit.',
  ]),
});
const session = agent.createSession();

console.log((await agent.run('The mug of order A-17 broke.', { session })).text);

const waiting = await agent.run('My bicycle B-4 is too blue.', { session });
for (const { id, functionCall } of waiting.approvalRequests) {
  console.log(`May I call ${functionCall.name}(${JSON.stringify(functionCall.arguments)})? No.`);
  const answer = {
    type: 'function_approval_response',
    id,
    approved: false,
    reason: 'over the limit',
  } as const;
  const final = await agent.run({ role: 'user', contents: [answer] }, { session });
  console.log(final.text);
}
