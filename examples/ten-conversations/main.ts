/** One team, built once, serves ten customers: first one after another with a reset between them, then from a pool. */
import { Agent, textOf } from '@colloquy/core';
import { type GroupChat, groupChat, roundRobin } from '@colloquy/orchestrations';
import { type RecordedRequest, scripted } from '@colloquy/testing';

/** Answers with every customer's name that the model can see: one who leaks would be named. */
function namesSeen({ messages }: RecordedRequest): string {
  const read = messages.map(textOf).join(' ');
  return `seen: ${[...new Set(read.match(/customer-\d+/g))].join(' ')}`;
}
const model = scripted(Array.from({ length: 80 }, () => namesSeen));

const team = groupChat({
  participants: ['clerk', 'checker'].map((name) => new Agent({ name, client: model })),
  selectSpeaker: roundRobin(),
  maxRounds: 2,
});

const customers = Array.from({ length: 10 }, (_, index) => `customer-${index}`);

async function serve(instance: GroupChat, customer: string): Promise<string> {
  const first = await instance.run(`I am ${customer}. My bicycle squeaks.`);
  // The same instance goes on with the same conversation …
  const second = await instance.run('And it is blue.');
  const answers = [...first.outputs, ...second.outputs].map(({ text }) => text);
  // … until a reset, which leaves nothing of it.
  await instance.resetForNewRun();
  const isClean = answers.every((answer) => answer === `seen: ${customer}`);
  return `${customer}: ${answers.length} answers, ${isClean ? 'nobody else seen' : 'LEAK'}`;
}

console.log('one instance, a reset between customers');
for (const customer of customers) console.log(`  ${await serve(team, customer)}`);

console.log('three forks beside each other');
const pool = [1, 2, 3].map(() => team.fork());
const waiting = customers.entries();
const served: string[] = [];
await Promise.all(
  pool.map(async (instance) => {
    for (const [index, customer] of waiting) served[index] = await serve(instance, customer);
  }),
);
for (const line of served) console.log(`  ${line}`);
