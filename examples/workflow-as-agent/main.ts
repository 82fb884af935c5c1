/** A group chat as an agent: with sessions, streaming, and a session that goes on from its JSON. */
import { Agent, AgentSession } from '@colloquy/core';
import { groupChat, roundRobin } from '@colloquy/orchestrations';
import { scripted } from '@colloquy/testing';

const buildPanel = (sayings: { readonly poet: string[]; readonly critic: string[] }) =>
  groupChat({
    name: 'panel',
    participants: [
      new Agent({ name: 'poet', client: scripted(sayings.poet) }),
      new Agent({ name: 'critic', client: scripted(sayings.critic) }),
    ],
    selectSpeaker: roundRobin(),
    maxRounds: 2,
  }).asAgent({ description: 'A poet and a critic' });

const panel = buildPanel({
  poet: ['Ride on.', 'Row on.'],
  critic: ['Short. I like it.', 'Again?'],
});

const session = panel.createSession();
console.log('streamed:');
for await (const { agentName, text } of panel.stream('A slogan for a bicycle', { session }))
  if (text !== '') console.log(`  ${agentName}: ${text}`);

// Another session is another conversation, with an instance of its own.
const other = await panel.run('A slogan for a boat', { session: panel.createSession() });
console.log(`beside it: ${other.messages.map(({ authorName }) => authorName).join(', ')}`);

// What a database would keep, and another process read.
const stored = JSON.stringify(session);
const elsewhere = buildPanel({ poet: ['Ride further.'], critic: ['Better.'] });
const restored = AgentSession.fromJSON(JSON.parse(stored));
const { text } = await elsewhere.run('Once more', { session: restored });
console.log(`elsewhere: ${text}`);
console.log(`the session now holds ${restored.history.length} messages`);
