import { createHash } from 'node:crypto';

import { Agent, type ChatClient, type Message, textOf, type Workflow } from '@colloquy/core';
import { groupChat, roundRobin } from '@colloquy/orchestrations';
import type OpenAI from 'openai';

/** What a model of the team does beside answering. */
export interface EchoOptions {
  /** Hears the texts of each request. */
  readonly onRequest?: (texts: readonly string[]) => void;
  /** Waits or fails, before an answer. */
  readonly before?: (signal: AbortSignal | undefined) => Promise<void>;
}

/** A model whose answer is made of everything that it was sent, so that whatever leaks in changes it. */
function echoModel(name: string, { onRequest, before }: EchoOptions): ChatClient {
  return {
    async *stream(messages, { signal } = {}) {
      const texts = messages.map(textOf);
      onRequest?.(texts);
      await before?.(signal);
      const digest = createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 12);
      const secret = /secret-\d+-/.exec(texts.join(' '))?.[0] ?? 'no secret';
      for (const text of [`${name} has read ${texts.length}: `, `${secret}${digest}`]) {
        signal?.throwIfAborted();
        yield { contents: [{ type: 'text', text }] };
        // Others get their turn in the middle of an answer.
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

/** A group chat of two who answer with what they have read. */
export function buildEchoTeam(options: EchoOptions = {}): Workflow<never> {
  const participant = (name: string): Agent =>
    new Agent({ name, client: echoModel(name, options) });
  return groupChat({
    name: 'team',
    participants: [participant('writer'), participant('critic')],
    selectSpeaker: roundRobin(),
    maxRounds: 2,
  });
}

/** What the user says in each turn of a conversation. */
export function turnsOf(conversation: number, count = 5): readonly string[] {
  return Array.from({ length: count }, (_, turn) => `secret-${conversation}- turn ${turn}`);
}

/** What a workflow of its own answers to each turn of a conversation. */
export async function aloneTranscript(conversation: number): Promise<readonly string[]> {
  const team = buildEchoTeam();
  const transcript: string[] = [];
  for (const text of turnsOf(conversation)) {
    const input: readonly Message[] = [{ role: 'user', contents: [{ type: 'text', text }] }];
    // A group chat takes messages.
    const { outputs } = await team.run(input as never);
    transcript.push(
      outputs.map((output) => String(Reflect.get(Object(output), 'text'))).join('\n'),
    );
  }
  return transcript;
}

/** The team's answers to one turn. */
export function textsOf({ output }: OpenAI.Responses.Response): string {
  return output
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .map((part) => (part.type === 'output_text' ? part.text : ''))
    .join('\n');
}
