/** A guesser and a judge in a loop: messages go round until the judge yields instead of answering. */
import { defineExecutor, defineMessage, WorkflowBuilder } from '@colloquy/core';
import * as z from 'zod';

const Start = defineMessage('start', z.object({ low: z.number(), high: z.number() }));
const Guess = defineMessage('guess', z.object({ value: z.number() }));
const Hint = defineMessage('hint', z.object({ direction: z.enum(['higher', 'lower']) }));

const SECRET = 37;

const guesser = defineExecutor('guesser', {
  state: () => ({ low: 0, high: 0, last: 0 }),
  sends: [Guess],
})
  .on(Start, ({ low, high }, { state }) => {
    Object.assign(state, { low, high, last: Math.floor((low + high) / 2) });
    return Guess({ value: state.last });
  })
  .on(Hint, ({ direction }, { state }) => {
    if (direction === 'higher') state.low = state.last + 1;
    else state.high = state.last - 1;
    state.last = Math.floor((state.low + state.high) / 2);
    return Guess({ value: state.last });
  });

const judge = defineExecutor('judge', {
  state: () => ({ tries: 0 }),
  sends: [Hint],
  yields: z.string(),
}).on(Guess, ({ value }, ctx) => {
  ctx.state.tries += 1;
  if (value === SECRET) ctx.yield(`Found ${value} in ${ctx.state.tries} tries`);
  else ctx.send(Hint({ direction: value < SECRET ? 'higher' : 'lower' }));
});

const workflow = new WorkflowBuilder({ name: 'guess', start: guesser, outputFrom: [judge] })
  .addEdge(guesser, judge)
  .addEdge(judge, guesser)
  .build();

const result = await workflow.run(Start({ low: 0, high: 100 }));
console.log(result.outputs[0], `(${result.supersteps} supersteps)`);
