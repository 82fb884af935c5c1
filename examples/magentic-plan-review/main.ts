/** A manager plans, a human reviews the plan, a team works on it. Run it in a terminal to answer yourself. */
import { Agent } from '@colloquy/core';
import { magentic, MagenticEvent, PlanReview } from '@colloquy/orchestrations';
import { scripted } from '@colloquy/testing';

import { askHuman } from '../support/ask-human.ts';

const because = (answer: string | boolean) => ({ reason: 'see the conversation', answer });
const progress = (isDone: boolean, next: string, instruction: string) => ({
  is_request_satisfied: because(isDone),
  is_in_loop: because(false),
  is_progress_being_made: because(true),
  next_speaker: because(next),
  instruction_or_question: because(instruction),
});

const manager = new Agent({
  name: 'manager',
  instructions: 'You lead a team.',
  client: scripted([
    'Known: the city is Oslo. To look up: the weather.',
    '- researcher: find ten museums\n- writer: write a day plan',
    'Known: the city is Oslo; one day only.',
    '- researcher: find two museums and the weather\n- writer: write a day plan',
    progress(false, 'researcher', 'Find two museums and the weather.'),
    progress(false, 'writer', 'Write the day plan.'),
    progress(true, 'writer', ''),
    'Morning: the Munch museum. Afternoon, when it clears up: the ships.',
  ]),
});
const member = (name: string, description: string, reply: string): Agent =>
  new Agent({ name, description, client: scripted([reply]) });

const team = magentic({
  participants: [
    member('researcher', 'looks things up', 'Munch, and the Viking ships. Rain until noon.'),
    member('writer', 'writes', 'Munch first, ships after noon.'),
  ],
  manager,
  planReview: 'initial',
});

const standIns = ['Two museums are enough.', 'yes'];
let run = team.stream('Plan a day in Oslo.');
for (;;) {
  for await (const event of run) {
    if (MagenticEvent.is(event) && event.kind === 'participant_selected')
      console.log(`> ${event.participant}: ${event.instruction}`);
  }
  const { pendingRequests, outputs, stopReason } = await run.result;
  for (const { text } of outputs) console.log(`\n${text}\n(${stopReason.code})`);
  const asked = pendingRequests.find(PlanReview.is);
  if (asked === undefined) break;
  console.log(`Plan ${asked.data.version}:\n${asked.data.plan}`);
  const answer = await askHuman('Agreed? (yes, or what to change)', standIns.shift() ?? 'yes');
  const response =
    answer === 'yes' ? { action: 'approve' } : { action: 'revise', feedback: answer };
  run = team.streamResume({ responses: { [asked.id]: response } });
}
