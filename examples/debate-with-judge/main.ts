/** Two agents debate; a judge, an agent too, says who speaks next, and ends the debate with a verdict. */
import { Agent } from '@colloquy/core';
import { groupChat, roundRobin } from '@colloquy/orchestrations';
import { scripted } from '@colloquy/testing';

const pro = new Agent({
  name: 'pro',
  description: 'speaks for the motion',
  instructions: 'You argue for the motion.',
  client: scripted(['Trams carry more people per lane.', 'Rails last for decades; tyres do not.']),
});
const con = new Agent({
  name: 'con',
  description: 'speaks against the motion',
  instructions: 'You argue against the motion.',
  client: scripted(['Buses are cheaper to move when the city changes.']),
});

const decide = (next_speaker: string, reason: string) => ({
  terminate: false,
  reason,
  next_speaker,
  final_message: null,
});
const judgeModel = scripted([
  decide('pro', 'the motion is opened by its side'),
  decide('pro', 'I should like to hear more'),
  decide('con', 'now the other side'),
  decide('pro', 'a last reply'),
  {
    terminate: true,
    reason: 'both sides were heard',
    next_speaker: null,
    final_message: 'The motion carries: a city that stays needs lines that stay.',
  },
]);

const debate = groupChat({
  name: 'debate',
  participants: [pro, con],
  orchestrator: {
    agent: new Agent({ name: 'judge', instructions: 'You lead a debate.', client: judgeModel }),
    // Who chooses when the judge's answers make no sense, even when asked again.
    fallback: roundRobin(),
  },
  // Nobody speaks twice in a row: the judge's second choice is sent back.
  allowRepeat: false,
  maxRounds: 8,
});

const { outputs, stopReason } = await debate.run('This city needs a tram.');
for (const { agentName, text } of outputs) console.log(`${agentName}: ${text}`);
console.log(`\nended by ${stopReason.code}: ${stopReason.detail}`);

const repaired = judgeModel.requests[2]?.messages.at(-1)?.contents[0];
if (repaired?.type === 'text') console.log(`\nthe judge was told: ${repaired.text}`);
