/**
 * A group chat behind the OpenAI Responses protocol, and the official client talking to it: a clean start, a message that
 * goes on from an answer, another that goes on from the same one, and a conversation.
 */
import { Agent } from '@colloquy/core';
import { responsesApp } from '@colloquy/hosting';
import { serveApp } from '@colloquy/hosting/node';
import { groupChat, roundRobin } from '@colloquy/orchestrations';
import { type RecordedRequest, scripted } from '@colloquy/testing';
import OpenAI from 'openai';

/** Says how much of the conversation its agent has read. */
const reply = (opinion: string) =>
  Array.from({ length: 20 }, () => ({ messages }: RecordedRequest) => {
    return `${opinion} (read ${messages.length})`;
  });

const buildTeam = () =>
  groupChat({
    name: 'slogans',
    participants: [
      new Agent({ name: 'writer', client: scripted(reply('Ride on.')) }),
      new Agent({ name: 'critic', client: scripted(reply('Shorter!')) }),
    ],
    selectSpeaker: roundRobin(),
    maxRounds: 2,
  });

const app = responsesApp({ workflow: () => buildTeam() });
const server = await serveApp(app, { port: 0 });
const client = new OpenAI({ baseURL: server.url, apiKey: 'local' });

function show(title: string, { output }: OpenAI.Responses.Response): void {
  console.log(title);
  for (const item of output) {
    if (item.type !== 'message' || !('author' in item)) continue;
    const text = item.content
      .map((part) => (part.type === 'output_text' ? part.text : ''))
      .join('');
    console.log(`  ${String(item.author)}: ${text}`);
  }
}

const model = 'slogans';
const first = await client.responses.create({ model, input: 'A slogan for a bicycle' });
show('A clean start', first);

const after = { model, previous_response_id: first.id };
show('Gone on from it', await client.responses.create({ ...after, input: 'Make it rhyme' }));
show('Gone on from it again', await client.responses.create({ ...after, input: 'In French' }));
show('Another clean start', await client.responses.create({ model, input: 'A slogan for tea' }));

const talk = { model, conversation: 'ada' };
await client.responses.create({ ...talk, input: 'A slogan for rain' });
show(
  'The second turn of a conversation',
  await client.responses.create({ ...talk, input: 'Now snow' }),
);

console.log('Streamed');
const stream = client.responses.stream({ model, input: 'A slogan for wind' });
for await (const event of stream)
  if (event.type === 'response.output_text.delta')
    console.log(`  ${event.sequence_number}: ${event.delta}`);

await server.close();
