/** A run fails half-way; it goes on from its last checkpoint, and nothing that was done is done again. */
import {
  defineExecutor,
  ExecutorError,
  MemoryCheckpointStore,
  WorkflowBuilder,
} from '@colloquy/core';

let isServiceDown = true;

const fetchOrders = defineExecutor('fetch', (customer: string) => {
  console.log(`fetching the orders of ${customer}`);
  return [20, 22];
});

const addUp = defineExecutor('add', (orders: readonly number[]) => {
  console.log('adding them up');
  return orders.reduce((sum, order) => sum + order, 0);
});

const bill = defineExecutor('bill', (total: number, ctx) => {
  console.log(`billing ${total}`);
  if (isServiceDown) throw new Error('the billing service is down');
  ctx.yield(`billed ${total}`);
});

const checkpoints = new MemoryCheckpointStore();
const build = () =>
  new WorkflowBuilder({ name: 'billing', start: fetchOrders, checkpoints, threadId: 'ada' })
    .addChain([fetchOrders, addUp, bill])
    .build();

try {
  await build().run('Ada');
} catch (error) {
  if (!ExecutorError.isInstance(error)) throw error;
  console.log(`failed in ${error.executorId}: ${String(error.cause)}`);
}

isServiceDown = false;
// Another instance, as another process would have: it knows only the store and the conversation's name.
const { outputs, supersteps } = await build().resume({ threadId: 'ada' });
console.log(`resumed: ${outputs.join()} in ${supersteps} superstep`);

for await (const { superstep, runState } of checkpoints.list({ threadId: 'ada' }))
  console.log(`checkpoint after superstep ${superstep}: ${runState}`);
