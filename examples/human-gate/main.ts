/** A human looks at every draft of the writer before anybody else reads it. Run it in a terminal to answer yourself. */
import { Agent } from '@colloquy/core';
import { groupChat, HumanGate, roundRobin } from '@colloquy/orchestrations';
import { scripted } from '@colloquy/testing';

import { askHuman } from '../support/ask-human.ts';

const writerModel = scripted(['Buy now!!!', 'A bicycle that folds.', 'A bicycle that folds.']);
const critic = scripted(['Short and true.']);

const chat = groupChat({
  participants: [
    new Agent({ name: 'writer', instructions: 'You write slogans.', client: writerModel }),
    new Agent({ name: 'critic', instructions: 'You judge slogans.', client: critic }),
  ],
  selectSpeaker: roundRobin(),
  maxRounds: 2,
  humanGate: { when: 'after', participants: ['writer'] },
});

const standIns = ['Less shouting.', 'yes'];

let result = await chat.run('A slogan for a folding bicycle');
const outputs = [...result.outputs];
while (result.pendingRequests.length > 0) {
  const responses: Record<string, unknown> = {};
  for (const request of result.pendingRequests.filter(HumanGate.is)) {
    const { participant, draft } = request.data;
    const answer = await askHuman(
      `${participant} wrote: ${draft}\n  Send it? (yes, or what to change)`,
      standIns.shift() ?? 'yes',
    );
    responses[request.id] =
      answer === 'yes' ? { action: 'approve' } : { action: 'feedback', text: answer };
  }
  result = await chat.resume({ responses });
  outputs.push(...result.outputs);
}

console.log();
for (const { agentName, text } of outputs) console.log(`${agentName}: ${text}`);
console.log(
  `\nthe critic read ${critic.requests[0]?.messages.length} messages, no draft among them`,
);
