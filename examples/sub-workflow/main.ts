/** A workflow as an executor of another, which answers some of its questions itself and passes on the rest. */
import {
  defineExecutor,
  defineRequest,
  SubWorkflowRequest,
  subWorkflow,
  WorkflowBuilder,
} from '@colloquy/core';
import * as z from 'zod';

const wish = z.object({ item: z.string(), price: z.number() });
const decision = z.object({ approve: z.boolean() });
const Budget = defineRequest('budget', { request: wish, response: decision });
const BossBudget = defineRequest('ask-the-boss', { request: wish, response: decision });

const buyer = defineExecutor('buyer')
  .on(wish, (wanted, ctx) => ctx.request(Budget, wanted))
  .onResponse(Budget, ({ approve }, { item }, ctx) =>
    ctx.yield(approve ? `bought ${item}` : `left ${item}`),
  );
const purchase = new WorkflowBuilder({ name: 'purchase', start: buyer }).build();

const office = defineExecutor('office', { state: () => ({ open: [] as SubWorkflowRequest[] }) })
  .on(z.array(wish), (wishes, ctx) => {
    for (const wanted of wishes) ctx.send(wanted, { target: 'purchase' });
  })
  .on(SubWorkflowRequest, (question, ctx) => {
    const { item, price } = wish.parse(question.data);
    if (price <= 100) {
      console.log(`the office lets ${item} pass`);
      ctx.send(question.answer({ approve: true }), { target: question.executorId });
      return;
    }
    ctx.state.open.push(question);
    ctx.request(BossBudget, { item, price });
  })
  .onResponse(BossBudget, (answer, _wish, ctx) => {
    const question = ctx.state.open.shift();
    if (question !== undefined) ctx.send(question.answer(answer), { target: question.executorId });
  })
  .on(String, (done, ctx) => ctx.yield(done));

const inner = subWorkflow(purchase, { id: 'purchase', requests: 'parent' });
const workflow = new WorkflowBuilder({ name: 'office', start: office })
  .addEdge(office, inner)
  .addEdge(inner, office)
  .build();

const paused = await workflow.run([
  { item: 'pens', price: 12 },
  { item: 'a sculpture', price: 4000 },
]);
console.log(`so far: ${paused.outputs.join()}`);
for (const { type, data } of paused.pendingRequests) console.log(type, data);

const responses = Object.fromEntries(
  paused.pendingRequests.map(({ id }) => [id, { approve: false }]),
);
const done = await workflow.resume({ responses });
console.log(`then: ${done.outputs.join()}`);
