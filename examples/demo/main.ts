/**
 * A group chat on a task of your own, then a second task on the same workflow, which knows nothing of the first.
 *
 *   pnpm demo "Plan a launch for a folding bicycle"
 *   pnpm demo "…" --json      every event as a line of JSON
 */
import { styleText } from 'node:util';

import { Agent, eventToJson, textOf } from '@colloquy/core';
import { groupChat, roundRobin, textMention } from '@colloquy/orchestrations';

import { ChatPrinter, printResult } from '../support/chat-printer.ts';
import { chooseModel } from '../support/choose-model.ts';
import { readArguments } from '../support/read-arguments.ts';
import { RecordingClient } from '../support/recording-client.ts';

const { task, json } = readArguments();
const secondTask = 'Choose a name for a bakery';
const maxRounds = 6;

const { client: model, label } = await chooseModel();
if (json) console.log(JSON.stringify({ type: 'demo', model: label }));
else console.log(`Running on ${label}.`);

const client = new RecordingClient(model);
const participant = (name: string, work: string): Agent =>
  new Agent({
    name,
    description: work,
    client,
    instructions: `You are the ${name}. ${work} Answer in at most three sentences.`,
  });
const team = groupChat({
  name: 'demo',
  participants: [
    participant('planner', 'You propose steps and mend them when others object.'),
    participant('researcher', 'You name the facts that the plan needs.'),
    participant('critic', 'You name the weakest point. Once it is mended, say APPROVED and why.'),
  ],
  selectSpeaker: roundRobin(),
  maxRounds,
  until: textMention('APPROVED', { from: ['critic'] }),
});

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort(new Error('Interrupted')));

async function discuss(about: string): Promise<void> {
  const printer = new ChatPrinter(maxRounds);
  if (!json) console.log(styleText('bold', `\nTask: ${about}`));
  const stream = team.stream(about, { signal: interrupted.signal });
  for await (const event of stream) {
    if (json) console.log(JSON.stringify(eventToJson(event)));
    else printer.print(event);
  }
  const result = await stream.result;
  if (!json) printResult(result);
}

try {
  await discuss(task);
  const before = client.requests.length;
  await team.resetForNewRun();
  await discuss(secondTask);
  const second = client.requests.slice(before).flat().map(textOf);
  const isClean = !second.some((text) => text.includes(task));
  if (!json) {
    console.log(
      `\nAfter the reset the first request held ${client.requests[before]?.length} message; of the first task ${isClean ? 'nothing was' : 'SOMETHING WAS'} carried over.`,
    );
  }
} catch (error) {
  if (!interrupted.signal.aborted)
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  else if (!json) console.log('\nCancelled; nothing is left running.');
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
}
