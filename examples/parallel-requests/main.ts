/** Three reviewers are asked at once; their answers come one by one, in any order. */
import {
  defineExecutor,
  defineRequest,
  InvalidResponseError,
  WorkflowBuilder,
} from '@colloquy/core';
import * as z from 'zod';

const Review = defineRequest('review', {
  request: z.object({ reviewer: z.string(), text: z.string() }),
  response: z.object({ grade: z.number().min(1).max(6) }),
});

const REVIEWERS = ['Ada', 'Bo', 'Cy'];

const desk = defineExecutor('desk', { state: () => ({ grades: new Map<string, number>() }) })
  .on(String, (text, ctx) => {
    for (const reviewer of REVIEWERS) ctx.request(Review, { reviewer, text }, { id: reviewer });
  })
  .onResponse(Review, ({ grade }, { reviewer }, ctx) => {
    ctx.state.grades.set(reviewer, grade);
    if (ctx.state.grades.size < REVIEWERS.length) return;
    const grades = REVIEWERS.map((each) => `${each} ${ctx.state.grades.get(each)}`);
    ctx.yield(grades.join(', '));
  });

const workflow = new WorkflowBuilder({ name: 'reviews', start: desk }).build();

const asked = await workflow.run('Bees can count.');
const waiting = () => asked.pendingRequests.map(({ id }) => id).join(', ');
console.log(`${workflow.status}: ${waiting()}`);

const first = await workflow.resume({ responses: { Cy: { grade: 2 } } });
console.log(`after Cy: ${first.pendingRequests.map(({ id }) => id).join(', ')} still to come`);

try {
  // All answers are looked at before any is taken.
  await workflow.resume({ responses: { Ada: { grade: 1 }, Bo: { grade: 9 } } });
} catch (error) {
  if (!InvalidResponseError.isInstance(error)) throw error;
  console.log(`refused: ${error.requestIds.join()}; nothing was taken`);
}

const done = await workflow.resume({ responses: { Ada: { grade: 1 }, Bo: { grade: 3 } } });
console.log(`${done.state}: ${done.outputs.join()}`);
