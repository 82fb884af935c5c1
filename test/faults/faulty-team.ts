/** A team whose models meet one kind of fault, once or always, on a virtual clock. */
import {
  Agent,
  type ChatClient,
  ColloquyError,
  defineTool,
  ExecutorError,
  type Workflow,
  type WorkflowResult,
} from '@colloquy/core';
import {
  type CreateTeam,
  type FaultKind,
  faulty,
  type RecordedRequest,
  type ScriptEntry,
  scripted,
  toolCall,
  virtualClock,
} from '@colloquy/testing';
import * as z from 'zod';

/** Which request meets the fault: one by its number, or every one. */
export type When = number | 'always';

/** What a run came to. */
export interface Outcome {
  /** How it ended: a reason to stop, or the code of what it failed with. */
  readonly end: { readonly stopped: string } | { readonly failed: string };
  /** How many requests came to the models, those that met the fault included. */
  readonly requests: number;
  /** How many requests the fault was done to. */
  readonly injected: number;
}

/**
 * More than any of the teams may need; a run that needs more has no end.
 *
 * The most is what a Magentic manager needs that only calls tools: 4 plans of 22 requests, after each 3 stalls of 4
 * attempts of 11 requests, and 11 for the answer.
 */
export const BUDGET = 4 * (22 + 3 * 4 * 11) + 11 + 1;

const look = defineTool({
  name: 'look',
  description: 'Looks somewhere.',
  input: z.object({}),
  execute: () => 'nothing to be seen',
});

/** Runs a team once; rejects when it hangs, or asks more than its budget. */
export async function runWithFault(
  create: CreateTeam,
  kind: FaultKind,
  when: When,
): Promise<Outcome> {
  const clock = virtualClock();
  let requests = 0;
  let injected = 0;
  const model = (name: string, answer: (request: RecordedRequest) => ScriptEntry): ChatClient => {
    const plain: ChatClient = {
      stream: (messages, options) => scripted([answer]).stream(messages, options),
    };
    return {
      async *stream(messages, options) {
        requests += 1;
        if (requests > BUDGET) throw new Error(`${name} is asked without end`);
        const plan = [when === 'always' || when === requests ? kind : null];
        const client = faulty(plain, { plan, clock, giantLength: 20_000, seed: requests });
        try {
          yield* client.stream(messages, options);
        } finally {
          injected += client.injected.length;
        }
      },
    };
  };
  const agent = (name: string): Agent =>
    new Agent({ name, client: model(name, (request) => speak(name, request)), tools: [look] });
  const participants = [agent('ann'), agent('bob'), agent('cid')] as const;
  const options = { clock, logger: { warn: () => {}, debug: () => {} } };
  const team = create({ participants, model, options });
  const end = await clock.runUntil(endOf(team));
  return { end, requests, injected };
}

/** Looks first, then says something. */
function speak(name: string, { messages, tools }: RecordedRequest): ScriptEntry {
  const hasLooked = messages.at(-1)?.role === 'tool';
  return hasLooked || tools.length === 0 ? `${name} has nothing to add` : toolCall('look');
}

async function endOf(team: Workflow<string>): Promise<Outcome['end']> {
  const [end] = await Promise.allSettled([team.run('Find a name for a bakery')]);
  return end.status === 'fulfilled'
    ? { stopped: stopOf(end.value) }
    : { failed: codeOf(end.reason) };
}

function stopOf({ state, stopReason }: WorkflowResult): string {
  return state === 'idle' ? stopReason.code : 'waits';
}

/** The code of every first error; anything but an `ExecutorError` of coded errors is a fault of ours. */
function codeOf(error: unknown): string {
  if (!ExecutorError.isInstance(error)) throw error;
  const codes = error.failures.map(({ error: each }) => {
    if (!ColloquyError.isInstance(each)) throw each;
    return each.code;
  });
  return [...new Set(codes)].join(', ');
}
