import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';

import { aloneTranscript, buildEchoTeam, textsOf, turnsOf } from './echo-team.ts';
import { type Hosted, hosted } from './hosted.ts';
import { randomFrom } from './random.ts';

const CONVERSATIONS = 60;

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

/** Does a turn until it is completed; a reader of a stream may go away at any event. */
const insist = async (
  { client }: Hosted,
  turn: Turn,
  random: () => number,
): Promise<OpenAI.Responses.Response> => {
  for (;;) {
    // Who cuts a turn of a named conversation cannot know whether it counted, so only chains are cut.
    const cutAfter = turn.conversation === undefined && random() < 0.3 ? random() * 12 : Infinity;
    const stream = await client.responses.create({ ...bodyOf(turn), stream: true });
    let events = 0;
    let last: OpenAI.Responses.Response | undefined;
    for await (const event of stream) {
      events += 1;
      if (events > cutAfter) break;
      if ('response' in event) last = event.response;
    }
    if (last?.status === 'completed') return last;
  }
};

describe('conversations whose participants fail and whose readers go away', () => {
  it('are each what a lone run gives', async () => {
    const random = randomFrom(6407);
    let failures = 0;
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
        const done = await insist(server, { input, previous, conversation: name }, random);
        transcript.push(textsOf(done));
        if (name === undefined) previous = done.id;
      }
      return transcript;
    };
    const all = Array.from({ length: CONVERSATIONS }, (_, index) => index);

    const transcripts = await Promise.all(all.map(hold));

    expect(transcripts).toEqual(await Promise.all(all.map(aloneTranscript)));
    expect(mixed).toEqual([]);
    expect(failures).toBeGreaterThan(20);
  }, 60_000);
});
