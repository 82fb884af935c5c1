/** A conversation goes back to an earlier checkpoint and takes another way; the first way stays as it was. */
import {
  defineExecutor,
  defineRequest,
  MemoryCheckpointStore,
  WorkflowBuilder,
} from '@colloquy/core';
import * as z from 'zod';

const Choice = defineRequest('choice', { request: z.string(), response: z.string() });

/** Keeps the way so far as its state. */
const guide = defineExecutor('guide', { state: () => ({ way: [] as string[] }) })
  .on(String, (place, ctx) => {
    ctx.state.way.push(place);
    if (ctx.state.way.length === 3) ctx.yield(ctx.state.way.join(' > '));
    else ctx.request(Choice, `You are at the ${place}. Where to?`);
  })
  .onResponse(Choice, (place, _question, ctx) => ctx.send(place, { target: 'guide' }));

const checkpoints = new MemoryCheckpointStore();
const build = () =>
  new WorkflowBuilder({ name: 'journey', start: guide, checkpoints }).addEdge(guide, guide).build();

const journey = build();
const choose = (asked: { pendingRequests: readonly { id: string }[] }, place: string) => ({
  responses: { [asked.pendingRequests[0]?.id ?? '']: place },
});

const first = await journey.run('harbour');
const second = await journey.resume(choose(first, 'market'));
const third = await journey.resume(choose(second, 'castle'));
console.log(`first way:  ${third.outputs.join()}`);

// Back to where the first question was asked, in another instance.
const other = build();
const back = await other.resume({ checkpointId: first.checkpointId ?? '' });
const forest = await other.resume(choose(back, 'forest'));
const cave = await other.resume(choose(forest, 'cave'));
console.log(`second way: ${cave.outputs.join()}`);

const branches = new Map<string, number>();
for await (const { branchId } of checkpoints.list({ threadId: first.threadId }))
  branches.set(branchId, (branches.get(branchId) ?? 0) + 1);
console.log(`checkpoints on each branch: ${[...branches.values()].join(', ')}`);

const [tail] = (await checkpoints.loadChain(third.checkpointId ?? '')).slice(-1);
console.log(`the first way still ends in superstep ${tail?.superstep} as ${tail?.runState}`);
