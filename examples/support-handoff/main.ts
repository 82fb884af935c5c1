/** Customer support: agents hand a customer to each other, ask back, and a colleague agrees to the refund. */
import {
  Agent,
  type AgentResponse,
  defineTool,
  type PendingRequest,
  ToolApproval,
} from '@colloquy/core';
import { handoff, HandoffEvent, UserTurn } from '@colloquy/orchestrations';
import { scripted, toolCall } from '@colloquy/testing';
import * as z from 'zod';

const refund = defineTool({
  name: 'refund',
  description: 'Pays money back to a customer',
  input: z.object({ order: z.string(), amount: z.number() }),
  needsApproval: true,
  execute: ({ order, amount }) => `refunded ${amount} for ${order}`,
});

const triage = new Agent({
  name: 'triage',
  instructions: 'Find out what the customer needs and hand over.',
  client: scripted([['I connect you with billing.', toolCall('handoff_to_billing')]]),
});
const tech = new Agent({
  name: 'tech',
  description: 'Repairs and exchanges broken goods',
  client: scripted(['A new bell for B-4 is on its way.']),
});
const billing = new Agent({
  name: 'billing',
  description: 'Refunds and invoices',
  tools: [refund],
  client: scripted([
    'Which order is it?',
    [toolCall('refund', { order: 'B-4', amount: 40 }), toolCall('handoff_to_tech')],
  ]),
});

const support = handoff({
  name: 'support',
  participants: [triage, billing, tech],
  start: triage,
  routes: { triage: ['billing', 'tech'], billing: ['tech'] },
});

const customer = ['It is B-4, and the bell is broken too.'];

/** What a customer, or a colleague, answers. */
function answer({ type, data }: PendingRequest): unknown {
  if (type === ToolApproval.tag) {
    console.log(`[a colleague agrees to ${JSON.stringify(data)}]`);
    return { approve: true };
  }
  const text = type === UserTurn.tag ? customer.shift() : undefined;
  console.log(`customer: ${text ?? '(leaves)'}`);
  return text === undefined ? { end: true } : { text };
}

let run = support.stream('I paid twice for my bicycle.');
for (;;) {
  for await (const event of run) {
    if (HandoffEvent.is(event)) console.log(`[${event.source} hands over to ${event.target}]`);
    if (event.type !== 'output' || !('data' in event)) continue;
    // The outputs of a handoff are replies.
    const { agentName, text } = event.data as AgentResponse;
    console.log(`${agentName}: ${text}`);
  }
  const { pendingRequests, stopReason } = await run.result;
  if (pendingRequests.length === 0) {
    console.log(`stopped by ${stopReason.code}: ${stopReason.detail}`);
    break;
  }
  const responses = Object.fromEntries(pendingRequests.map((each) => [each.id, answer(each)]));
  run = support.streamResume({ responses });
}
