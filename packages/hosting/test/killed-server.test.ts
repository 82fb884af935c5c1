import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';

import { initdbProgram, startPostgres } from '../../stores/test/postgres-server.ts';
import { aloneTranscript, textsOf, turnsOf } from './echo-team.ts';

const child = fileURLToPath(new URL('server-child.ts', import.meta.url));

/** A server that is killed now and then, and started again on the same port and the same store. */
class MortalServer {
  readonly #place: string;
  readonly #kills: ReadonlySet<number>;
  #process: ChildProcess | undefined;
  #port = 0;
  #turns = 0;
  #isUp: Promise<void>;

  /**
   * @param place - A folder, or a Postgres' URL.
   * @param kills - After how many turns the server is killed.
   */
  constructor(place: string, kills: readonly number[]) {
    this.#place = place;
    this.#kills = new Set(kills);
    this.#isUp = this.#start();
  }

  /** Resolves when there is a server. */
  async client(): Promise<OpenAI> {
    await this.#isUp;
    return new OpenAI({
      baseURL: `http://127.0.0.1:${this.#port}/v1`,
      apiKey: 'local',
      maxRetries: 0,
    });
  }

  /** Counts a turn that is about to be asked for; kills the server where it is due. */
  countTurn(): void {
    this.#turns += 1;
    if (this.#kills.has(this.#turns)) this.#isUp = this.#isUp.then(() => this.#restart());
  }

  async stop(): Promise<void> {
    await this.#isUp;
    await this.#kill();
  }

  async #restart(): Promise<void> {
    await this.#kill();
    await this.#start();
  }

  async #kill(): Promise<void> {
    if (this.#process === undefined) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }

  async #start(): Promise<void> {
    const args = ['--conditions=@colloquy/source', child, this.#place, String(this.#port)];
    this.#process = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const chunk of this.#process.stdout ?? []) {
      const [, port] = /listens on (\d+)/.exec(String(chunk)) ?? [];
      if (port === undefined) continue;
      this.#port = Number(port);
      return;
    }
    throw new Error('The server did not start.');
  }
}

/** What the team has answered to a turn of a conversation, where that turn counted. */
const landed = async (
  client: OpenAI,
  conversation: string,
  turn: number,
): Promise<string | undefined> => {
  const texts: string[][] = [];
  const list = client.conversations.items.list(conversation, { order: 'asc', limit: 100 });
  for await (const item of list) {
    if (item.type !== 'message') continue;
    if (item.role === 'user') texts.push([]);
    else texts.at(-1)?.push(item.content.map((part) => String(Reflect.get(part, 'text'))).join(''));
  }
  return texts[turn]?.join('\n');
};

/** Does a turn until it counts, over as many servers and failures as it takes. */
const insist = async <T>(
  server: MortalServer,
  attempt: (client: OpenAI) => Promise<T | undefined>,
): Promise<T> => {
  for (;;) {
    try {
      const done = await attempt(await server.client());
      if (done !== undefined) return done;
    } catch (error) {
      const isCut = error instanceof OpenAI.APIConnectionError || error instanceof TypeError;
      if (!isCut) throw error;
    }
  }
};

const completed = (response: OpenAI.Responses.Response) =>
  response.status === 'completed' ? response : undefined;

const holdChain = async (server: MortalServer, index: number): Promise<readonly string[]> => {
  const transcript: string[] = [];
  let previous: string | undefined;
  for (const input of turnsOf(index)) {
    server.countTurn();
    const context = previous === undefined ? {} : { previous_response_id: previous };
    const done = await insist(server, async (client) =>
      completed(await client.responses.create({ input, ...context })),
    );
    transcript.push(textsOf(done));
    previous = done.id;
  }
  return transcript;
};

const holdNamed = async (server: MortalServer, index: number): Promise<readonly string[]> => {
  const conversation = `c${index}`;
  const transcript: string[] = [];
  for (const [turn, input] of turnsOf(index).entries()) {
    server.countTurn();
    let isFirst = true;
    const text = await insist(server, async (client) => {
      // Who was cut off asks first whether the turn counted: the answer may have been lost on its way.
      const before = isFirst
        ? undefined
        : await landed(client, conversation, turn).catch(() => undefined);
      isFirst = false;
      if (before !== undefined) return before;
      const done = completed(await client.responses.create({ input, conversation }));
      return done && textsOf(done);
    });
    transcript.push(text);
  }
  return transcript;
};

/** Holds conversations with a server that is killed, and gives them next to what lone runs give. */
const compare = async (
  place: string,
  { conversations, kills }: { readonly conversations: number; readonly kills: readonly number[] },
) => {
  const server = new MortalServer(place, kills);
  const all = Array.from({ length: conversations }, (_, index) => index);
  const hold = async (index: number) =>
    index % 2 === 0 ? holdNamed(server, index) : holdChain(server, index);
  try {
    const transcripts = await Promise.all(all.map(hold));
    return { transcripts, alone: await Promise.all(all.map(aloneTranscript)) };
  } finally {
    await server.stop();
  }
};

const isMissing = initdbProgram === undefined;

describe('a server whose models fail, and that is killed and started again on the same store', () => {
  it('goes on with 200 conversations of 5 turns as if nothing had been', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'colloquy-hosting-'));
    try {
      const kills = [50, 300, 550, 900];
      const { transcripts, alone } = await compare(folder, { conversations: 200, kills });

      expect(transcripts).toEqual(alone);
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 120_000);

  it.skipIf(isMissing)(
    `does so on Postgres${isMissing ? ' (skipped: install postgresql to test it)' : ''}`,
    async () => {
      const postgres = await startPostgres();
      try {
        const options = { conversations: 24, kills: [10, 25, 40, 55, 70, 85, 100] };
        const { transcripts, alone } = await compare(postgres.url, options);

        expect(transcripts).toEqual(alone);
      } finally {
        await postgres.stop();
      }
    },
    120_000,
  );
});
