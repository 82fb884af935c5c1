/** A workflow as one async function: steps are done once, and a question may be answered days later, elsewhere. */
import { defineRequest, defineWorkflow, MemoryCheckpointStore } from '@colloquy/core';
import * as z from 'zod';

const Confirm = defineRequest('confirm', {
  request: z.object({ price: z.number() }),
  response: z.object({ yes: z.boolean() }),
});

const checkpoints = new MemoryCheckpointStore();

/** As every process would build it. */
const build = () =>
  defineWorkflow(
    'booking',
    async (city: string, ctx) => {
      const [flight, hotel] = await Promise.all([
        ctx.step('flight', () => {
          console.log(`looking for a flight to ${city}`);
          return 180;
        }),
        ctx.step('hotel', () => {
          console.log(`looking for a hotel in ${city}`);
          return 220;
        }),
      ]);
      const price = flight + hotel;
      const { yes } = await ctx.request(Confirm, { price });
      if (!yes) return 'stayed at home';
      return ctx.step('book', ({ idempotencyKey }) => {
        console.log(`booking under a key of ${idempotencyKey.length > 0 ? 'its own' : 'none'}`);
        return `${city} for ${price}`;
      });
    },
    { checkpoints, threadId: 'trip' },
  );

const paused = await build().run('Oslo');
console.log(`${paused.state}:`, paused.pendingRequests[0]?.data);

const responses = { [paused.pendingRequests[0]?.id ?? '']: { yes: true } };
const { outputs } = await build().resume({ threadId: 'trip', responses });
console.log(`booked: ${outputs.join()}`);
