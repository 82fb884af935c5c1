import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';

import { aloneTranscript, buildEchoTeam, textsOf, turnsOf } from './echo-team.ts';
import { type Hosted, hosted } from './hosted.ts';
import { randomFrom } from './random.ts';

const CONVERSATIONS = 200;

interface Turn {
  readonly input: string;
  readonly previous: string | undefined;
  readonly conversation: string | undefined;
}

const bodyOf = ({ input, previous, conversation }: Turn) => ({
  model: 'team',
  input,
  ...(previous === undefined ? {} : { previous_response_id: previous }),
  ...(conversation === undefined ? {} : { conversation }),
});

/** Reads a turn to its end, or only the first events; gives the response as last heard of. */
const read = async (
  { client }: Hosted,
  turn: Turn,
  maxEvents: number,
): Promise<OpenAI.Responses.Response | undefined> => {
  let events = 0;
  let last: OpenAI.Responses.Response | undefined;
  for await (const event of await client.responses.create({ ...bodyOf(turn), stream: true })) {
    if ('response' in event) last = event.response;
    events += 1;
    if (events >= maxEvents) break;
  }
  return last;
};

/** How a response has ended that its reader has left. */
const endOf = async ({ client }: Hosted, id: string): Promise<OpenAI.Responses.Response> => {
  for (;;) {
    const response = await client.responses.retrieve(id);
    if (response.status !== 'in_progress') return response;
  }
};

/** Does a turn until it is completed; a reader may go away at any event. */
const insist = async (
  server: Hosted,
  turn: Turn,
  { random, onCut }: { readonly random: () => number; readonly onCut: () => void },
): Promise<OpenAI.Responses.Response> => {
  for (;;) {
    const maxEvents = random() < 0.3 ? 1 + random() * 12 : Infinity;
    const last = await read(server, turn, maxEvents);
    if (last?.status === 'completed') return last;
    if (last?.status !== 'in_progress') continue;
    onCut();
    if (turn.conversation === undefined) continue;
    // In a conversation a turn that was left may yet count; who repeats it blindly says it twice.
    const end = await endOf(server, last.id);
    if (end.status === 'completed') return end;
  }
};

describe('200 conversations of 5 turns whose participants fail and whose readers go away', () => {
  it('are each what a lone run gives', async () => {
    const random = randomFrom(6407);
    let failures = 0;
    let cuts = 0;
    const mixed: (readonly string[])[] = [];
    const workflow = () =>
      buildEchoTeam({
        onRequest: (texts) => {
          if (new Set(texts.join(' ').match(/secret-\d+-/g)).size !== 1) mixed.push(texts);
        },
        before: async () => {
          if (random() > 0.1) return;
          failures += 1;
          throw new Error('The model is not there.');
        },
      });
    await using server = await hosted({ workflow, limits: { maxInstances: 8 } });
    const hold = async (conversation: number): Promise<readonly string[]> => {
      const transcript: string[] = [];
      let previous: string | undefined;
      const name = conversation % 2 === 0 ? `c${conversation}` : undefined;
      for (const input of turnsOf(conversation)) {
        const turn = { input, previous, conversation: name };
        const done = await insist(server, turn, { random, onCut: () => void (cuts += 1) });
        transcript.push(textsOf(done));
        if (name === undefined) previous = done.id;
      }
      return transcript;
    };
    const all = Array.from({ length: CONVERSATIONS }, (_, index) => index);

    const transcripts = await Promise.all(all.map(hold));

    expect(transcripts).toEqual(await Promise.all(all.map(aloneTranscript)));
    expect(mixed).toEqual([]);
    expect(failures).toBeGreaterThan(100);
    expect(cuts).toBeGreaterThan(100);
  }, 60_000);
});
