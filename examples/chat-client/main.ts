/**
 * A chat in the terminal with whatever is hosted: `pnpm example chat-client http://127.0.0.1:8088/v1 slogans`. Without an
 * address it talks to a guide of its own; without a terminal it says what it would be told.
 */
import { createInterface } from 'node:readline/promises';

import { Agent } from '@colloquy/core';
import { responsesApp } from '@colloquy/hosting';
import { serveApp } from '@colloquy/hosting/node';
import { chunks, scripted } from '@colloquy/testing';
import OpenAI from 'openai';

const [url, model = 'guide'] = process.argv.slice(process.argv[2] === 'chat-client' ? 3 : 2);

const guide = new Agent({
  name: 'guide',
  client: scripted([
    chunks('Hello! ', 'Where ', 'to?'),
    chunks('Oslo is ', 'lovely in May.'),
    ({ messages }) => `You said ${messages.filter(({ role }) => role === 'user').length} things.`,
  ]),
});

const own =
  url === undefined ? await serveApp(responsesApp({ agent: guide }), { port: 0 }) : undefined;
const client = new OpenAI({
  baseURL: url ?? own?.url ?? '',
  apiKey: process.env['COLLOQUY_API_KEY'] ?? 'local',
});
const { id: conversation } = await client.conversations.create();

/** Says something and prints what is answered while it comes, each speaker by name. */
async function say(input: string): Promise<void> {
  const stream = await client.responses.create({ model, input, conversation, stream: true });
  for await (const event of stream) {
    if (event.type === 'response.output_item.added' && 'author' in event.item)
      process.stdout.write(`${String(event.item.author)}: `);
    if (event.type === 'response.output_text.delta') process.stdout.write(event.delta);
    if (event.type === 'response.output_text.done') process.stdout.write('\n');
    if (event.type === 'response.failed')
      console.log(`(${event.response.error?.message ?? 'failed'})`);
  }
}

if (process.stdin.isTTY) {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  terminal.setPrompt('you: ');
  terminal.prompt();
  for await (const line of terminal) {
    if (line.trim() !== '') await say(line);
    terminal.prompt();
  }
} else {
  for (const line of ['Hi', 'Norway', 'What did I say?']) {
    console.log(`you: ${line}`);
    await say(line);
  }
}
await own?.close();
