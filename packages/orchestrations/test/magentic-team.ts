import { Agent, ExecutorError, textOf } from '@colloquy/core';
import { scripted } from '@colloquy/testing';

import { MagenticEvent } from '../src/magentic/magentic-messages.ts';
import { magentic, type MagenticOptions } from '../src/magentic/magentic.ts';
import { ledger } from './magentic-script.ts';

type Replies = Parameters<typeof scripted>[0];
/** A model that follows a script. */
export type Scripted = ReturnType<typeof scripted>;

/** A team of A and B whose manager follows a script. */
export function build(script: Replies, options: Partial<MagenticOptions> = {}) {
  const manager = scripted(script);
  const [a, b] = ['A', 'B'].map((name) =>
    scripted(Array.from({ length: 30 }, (_, index) => `${name}${index + 1}`)),
  ) as [Scripted, Scripted];
  const team = magentic({
    participants: [new Agent({ name: 'A', client: a }), new Agent({ name: 'B', client: b })],
    manager: new Agent({ name: 'mgr', client: manager }),
    ...options,
  });
  return { team, manager, a, b };
}

/** What the manager says for the first plan. */
export const PLAN = ['facts 1', 'plan 1'];
/** What it says for another. */
export const REPLAN = ['facts 2', 'plan 2'];
/** What it says at the end. */
export const SATISFIED = [ledger({ satisfied: true }), 'FINAL'];

/** The texts of a model's request. */
export const readBy = (client: Scripted, call = 0): string[] =>
  client.requests[call]?.messages.map(textOf) ?? [];

/** The code of what made a run fail. */
export const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) =>
      ExecutorError.isInstance(error) && error.cause instanceof Error
        ? Reflect.get(error.cause, 'code')
        : error,
  );

/** What a team tells of a run. */
export async function kindsOf(team: ReturnType<typeof magentic>, task = 'task'): Promise<string[]> {
  const kinds: string[] = [];
  for await (const event of team.stream(task)) if (MagenticEvent.is(event)) kinds.push(event.kind);
  return kinds;
}
