import { Agent, type Message, textOf } from '@colloquy/core';
import { magentic } from '@colloquy/orchestrations';

import { instantModel } from '../instant-model.ts';
import { digits, timed } from './section.ts';

/** B10: a team of two that works for some rounds, and what its models are sent. */
export async function* magenticRun(): AsyncGenerator<string, void> {
  const short = await runTeam(50);
  const long = await runTeam(100);
  yield `50 rounds ${digits(short.ms)} ms, 100 rounds ${digits(long.ms)} ms`;
  yield `sent to participants: ${digits(short.told)} and ${digits(long.told)} characters, ${(long.told / short.told).toFixed(2)}x; ${long.repeated} messages twice`;
  yield `sent to the manager: ${digits(short.asked)} and ${digits(long.asked)} characters, ${(long.asked / short.asked).toFixed(2)}x; the mean call ${digits(short.asked / short.calls)} and ${digits(long.asked / long.calls)}`;
}

interface TeamRun {
  readonly ms: number;
  /** Characters that participants were given for the first time, by message. */
  readonly told: number;
  readonly repeated: number;
  readonly asked: number;
  readonly calls: number;
}

async function runTeam(rounds: number): Promise<TeamRun> {
  const given = { told: 0, repeated: 0, asked: 0, calls: 0 };
  const participants = ['ann', 'bob'].map((name) => listener(name, given));
  let round = 0;
  const manager = new Agent({
    name: 'manager',
    client: instantModel((messages, options) => {
      given.asked += charactersOf(messages);
      given.calls += 1;
      if (options?.output === undefined) return 'As planned.';
      round += 1;
      return ledgerOf(round > rounds, participants[round % 2]?.name ?? '');
    }),
  });
  const team = magentic({
    participants,
    manager,
    maxRounds: rounds + 1,
    maxManagerCalls: Infinity,
  });
  const ms = await timed(async () => {
    const { stopReason } = await team.run('Count the birds.');
    if (stopReason.code !== 'satisfied' || round !== rounds + 1)
      throw new Error(`Expected ${rounds} rounds and an answer, got ${round}, ${stopReason.code}.`);
  });
  return { ms, ...given };
}

/** A participant that notes what it is given; each of its answers is another one. */
function listener(name: string, given: { told: number; repeated: number }): Agent {
  let heard = 0;
  let said = 0;
  const client = instantModel((messages) => {
    const texts = messages.map(textOf).filter((text) => text.includes('birds'));
    given.repeated += texts.length - new Set(texts).size;
    // Each call repeats the session's history, as models need it; what is new comes behind.
    given.told += charactersOf(messages.slice(heard));
    heard = messages.length + 1;
    said += 1;
    return `${name} has counted ${said} birds.`;
  });
  return new Agent({ name, client });
}

function charactersOf(messages: readonly Message[]): number {
  return messages.reduce((sum, message) => sum + textOf(message).length, 0);
}

function ledgerOf(isSatisfied: boolean, next: string): string {
  const item = (answer: unknown): object => ({ reason: 'because', answer });
  return JSON.stringify({
    is_request_satisfied: item(isSatisfied),
    is_in_loop: item(false),
    is_progress_being_made: item(true),
    next_speaker: item(next),
    instruction_or_question: item('Go on.'),
  });
}
