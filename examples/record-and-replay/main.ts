/** A team's run, recorded once and replayed without a model; `main.ts --record` records it again. */
import { join } from 'node:path';

import { Agent, textOf, type WorkflowEvent } from '@colloquy/core';
import { concurrent } from '@colloquy/orchestrations';
import { Cassette, recorded } from '@colloquy/testing';

import { RuleBasedModel } from '../support/rule-based-model.ts';

const path = join(import.meta.dirname, 'team.json');
const isRecording = process.argv.includes('--record');

/** The team on recordings; only a recording needs a model, here a stand-in that follows rules. */
function team(cassette: Cassette) {
  const client = recorded(isRecording ? new RuleBasedModel() : undefined, { cassette });
  const agent = (name: string): Agent =>
    new Agent({ name, instructions: `You are the ${name}.`, client });
  return concurrent({
    name: 'team',
    participants: [agent('planner'), agent('researcher'), agent('critic')],
  });
}

/** Who says a word when: with a model this depends on the network, with a recording on nothing. */
async function orderOf(run: AsyncIterable<WorkflowEvent>): Promise<string> {
  const speakers: string[] = [];
  for await (const event of run)
    if (event.type === 'agent_update' && 'executorId' in event) speakers.push(event.executorId);
  return speakers.map((name) => name[0]).join('');
}

const task = 'Plan a launch of a folding bicycle';
const cassette = new Cassette(path, { mode: isRecording ? 'record' : 'replay' });
const run = team(cassette).stream(task);
const order = await orderOf(run);
const { outputs } = await run.result;
for (const { messages } of outputs)
  for (const message of messages) console.log(`${message.authorName}: ${textOf(message)}`);
console.log(`\nrecordings left: ${cassette.unused.length}`);

const again = await orderOf(team(new Cassette(path)).stream(task));
console.log(`everybody spoke in the same order: ${again === order}`);

try {
  await team(new Cassette(path)).run('Plan a launch of a kite');
} catch (error) {
  console.log('\nanother task was not recorded:');
  const lines = error instanceof Error ? error.message.split('\n') : [];
  for (const line of new Set(lines)) if (/^ *[+-] /.test(line)) console.log(line.trim());
}
