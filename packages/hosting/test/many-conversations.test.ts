import { describe, expect, it } from 'vitest';

import { aloneTranscript, buildEchoTeam, textsOf, turnsOf } from './echo-team.ts';
import { type Hosted, hosted } from './hosted.ts';

const CONVERSATIONS = 200;

type Context = { readonly conversation: string } | { readonly previous_response_id?: string };

/** Holds a conversation in one of four ways: by its id or by response ids, streamed or not. */
const hold = async ({ client }: Hosted, conversation: number): Promise<readonly string[]> => {
  const isNamed = conversation % 2 === 0;
  const isStreamed = conversation % 4 < 2;
  const transcript: string[] = [];
  let context: Context = isNamed ? { conversation: `c${conversation}` } : {};
  for (const input of turnsOf(conversation)) {
    const body = { model: 'team', input, ...context };
    const response = isStreamed
      ? await client.responses.stream(body).finalResponse()
      : await client.responses.create(body);
    transcript.push(textsOf(response));
    if (!isNamed) context = { previous_response_id: response.id };
  }
  return transcript;
};

describe('200 conversations of 5 turns at once, on 8 instances', () => {
  it('are each what a lone run gives, and nothing of one is in another', async () => {
    const mixed: (readonly string[])[] = [];
    const onRequest = (texts: readonly string[]): void => {
      const secrets = new Set(texts.join(' ').match(/secret-\d+-/g));
      if (secrets.size !== 1) mixed.push(texts);
    };
    let instances = 0;
    const workflow = () => {
      instances += 1;
      return buildEchoTeam({ onRequest });
    };
    await using server = await hosted({ workflow, limits: { maxInstances: 8 } });
    const all = Array.from({ length: CONVERSATIONS }, (_, index) => index);

    const transcripts = await Promise.all(all.map((index) => hold(server, index)));
    const alone = await Promise.all(all.map(aloneTranscript));

    expect(transcripts).toEqual(alone);
    expect(mixed).toEqual([]);
    expect(instances).toBe(8);
    expect(new Set(transcripts.flat()).size).toBe(CONVERSATIONS * 5);
  }, 60_000);
});
