/** Three reviewers look at the same change beside each other, and the majority decides. */
import { Agent } from '@colloquy/core';
import { concurrent, vote } from '@colloquy/orchestrations';
import { scripted } from '@colloquy/testing';

const reviewer = (name: string, focus: string, review: string): Agent =>
  new Agent({
    name,
    instructions: `You review code for ${focus}. End with APPROVE or REJECT.`,
    client: scripted([review]),
  });

const review = concurrent({
  name: 'review',
  participants: [
    reviewer('security', 'security', 'The query is built from user input. REJECT'),
    reviewer('speed', 'speed', 'One query instead of a hundred. APPROVE'),
    reviewer('style', 'style', 'Nobody can read this expression. REJECT'),
  ],
  // A reviewer that fails has no vote; the others decide.
  mode: 'settled',
  aggregate: vote({ choiceOf: ({ text }) => /\b(APPROVE|REJECT)\b/.exec(text)?.[1] }),
});

const { outputs } = await review.run('select("… where id in (" + ids + ")")');
for (const { winner, counts, votes } of outputs) {
  for (const { participant, choice } of votes) console.log(`${participant}: ${choice}`);
  console.log(`\n${winner} by ${counts.map(({ votes: count }) => count).join(' to ')}`);
}
