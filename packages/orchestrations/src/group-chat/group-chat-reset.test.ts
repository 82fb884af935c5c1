import { Agent, agentExecutor, AgentSession, type Logger, type Message } from '@colloquy/core';
import { type RecordedRequest, type ScriptEntry, scripted } from '@colloquy/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { interruptions, shownBy } from '../../test/interrupted-runs.ts';
import { maxMessages } from '../termination/max-messages.ts';
import { textMention } from '../termination/text-mention.ts';
import { AgentOrchestrator } from './agent-orchestrator.ts';
import { type GroupChat, groupChat, type GroupChatOptions } from './group-chat.ts';
import { roundRobin } from './selectors.ts';

/** A logger that keeps the warnings. */
function collecting(): Logger & { readonly warnings: string[] } {
  const warnings: string[] = [];
  return { warnings, warn: (message) => warnings.push(message), debug: () => {} };
}

describe('a reset', () => {
  it('gives participants and an agent that leads new sessions, with nothing in them', async () => {
    const end = { terminate: true, reason: '', next_speaker: null, final_message: null };
    const pick = { ...end, terminate: false, next_speaker: 'a' };
    const [lead, a] = [scripted([pick, end, pick, end]), scripted(['a1', 'a2'])];
    const logger = collecting();
    const chat = groupChat({
      participants: [new Agent({ name: 'a', client: a })],
      orchestrator: new Agent({ name: 'lead', client: lead }),
      logger,
    });
    await chat.run('first task');

    await chat.resetForNewRun();
    await chat.run('second task');

    expect([lead, a].map(({ requests }) => sessionChanges(requests))).toEqual([
      ['same', 'new', 'same'],
      ['new'],
    ]);
    expect(JSON.stringify([lead.requests.slice(2), a.requests.slice(1)])).not.toContain(
      'first task',
    );
    expect(logger.warnings).toEqual([]);
  });

  it('keeps a participant’s session that the caller supplied, with one warning each time', async () => {
    const session = new AgentSession({ id: 'mine' });
    const client = scripted(['a1', 'a2', 'a3']);
    const logger = collecting();
    const chat = groupChat({
      participants: [agentExecutor(new Agent({ name: 'a', client }), { session })],
      selectSpeaker: roundRobin(),
      maxRounds: 1,
      logger,
    });
    await chat.run('one');

    await chat.resetForNewRun();
    await chat.resetForNewRun();
    await chat.run('two');

    expect(client.requests.map(({ sessionId }) => sessionId)).toEqual(['mine', 'mine']);
    expect(JSON.stringify(client.requests[1])).toContain('one');
    expect(logger.warnings).toEqual([
      expect.stringContaining('Executor "a" keeps session "mine" at reset'),
      expect.stringContaining('Executor "a" keeps session "mine" at reset'),
    ]);
  });

  it('keeps the orchestrator’s session that the caller supplied, with one warning', async () => {
    const end = { terminate: true, reason: '', next_speaker: null, final_message: null };
    const client = scripted([end, end]);
    const logger = collecting();
    const chat = groupChat({
      participants: [new Agent({ name: 'a', client: scripted([]) })],
      orchestrator: {
        agent: new Agent({ name: 'lead', client }),
        session: new AgentSession({ id: 'mine' }),
      },
      logger,
    });
    await chat.run('one');

    await chat.resetForNewRun();
    await chat.run('two');

    expect(client.requests.map(({ sessionId }) => sessionId)).toEqual(['mine', 'mine']);
    expect(JSON.stringify(client.requests[1])).toContain('one');
    expect(logger.warnings).toEqual([
      expect.stringContaining('The orchestrator "lead" keeps session "mine" at reset'),
    ]);
  });

  it.each([
    ['renews', undefined],
    ['keeps', new AgentSession()],
  ])('%s the session that an AgentOrchestrator shows', async (what, session) => {
    const agent = new Agent({ name: 'lead', client: scripted([]) });
    const orchestrator = new AgentOrchestrator({ agent, session }, {});
    const before = orchestrator.session;
    const chat = groupChat({
      participants: [new Agent({ name: 'a', client: scripted([]) })],
      orchestrator,
      logger: collecting(),
    });

    await chat.resetForNewRun();

    expect(orchestrator.session === before).toBe(what === 'keeps');
    expect(orchestrator.session.id === before.id).toBe(what === 'keeps');
  });

  it('before the first run changes nothing', async () => {
    const chat = builds.inTurn();

    await chat.chat.resetForNewRun();

    expect(await observe(chat, 'B')).toEqual(await observe(builds.inTurn(), 'B'));
  });

  it('is refused while a run is active, which goes on', async () => {
    const { chat } = builds.inTurn();
    const running = chat.run('A');

    await expect(chat.resetForNewRun()).rejects.toMatchObject({ name: 'WorkflowBusyError' });

    expect((await running).outputs).toHaveLength(4);
  });
});

function sessionChanges(requests: readonly RecordedRequest[]): string[] {
  return requests
    .slice(1)
    .map(({ sessionId }, index) => (sessionId === requests[index]?.sessionId ? 'same' : 'new'));
}

/** A chat whose models can be made to fail, and every request that they got, in order, with the agent's name. */
interface ObservedChat {
  readonly chat: GroupChat;
  readonly requests: { readonly agent: string; readonly request: RecordedRequest }[];
  /** The model call, of all agents together, that fails. */
  failAt: number | undefined;
}

type Leading = Pick<GroupChatOptions, 'selectSpeaker' | 'orchestrator' | 'maxRounds' | 'until'>;

/**
 * A chat of three whose models answer from what they read, so that anything carried over shows in what follows.
 *
 * Every model call is counted, also the orchestrator's, so that any of them can be made to fail.
 */
function build(lead: (model: Model) => Leading): ObservedChat {
  const requests: ObservedChat['requests'] = [];
  const model: Model = (name, reply) => {
    const entry = (request: RecordedRequest): ScriptEntry => {
      requests.push({ agent: name, request });
      return requests.length === observed.failAt ? new Error('down') : reply(request);
    };
    return new Agent({ name, client: scripted(Array.from({ length: 40 }, () => entry)) });
  };
  const participants = ['ann', 'ben', 'cy'].map((name) =>
    model(name, ({ messages }) => `${name} read ${messages.length}: ${lastWordOf(messages)}`),
  );
  const options = { participants, logger: { warn: () => {}, debug: () => {} }, graceMs: 50 };
  // One of the two ways to lead is given, which the type of the whole cannot see.
  const chat = groupChat({ ...options, ...lead(model) } as GroupChatOptions);
  const observed: ObservedChat = { chat, requests, failAt: undefined };
  return observed;
}

type Model = (name: string, reply: (request: RecordedRequest) => ScriptEntry) => Agent;

function lastWordOf(messages: readonly Message[]): string {
  return JSON.stringify(messages.at(-1)?.contents ?? []).slice(-12);
}

/** The three ways to lead; each depends on the whole conversation. */
const builds = {
  byFunction: () =>
    build(() => ({
      selectSpeaker: ({ conversation, round, lastSpeaker }) => {
        const names = ['ann', 'ben', 'cy', 'ann'];
        if (round === 5) return null;
        return names[(conversation.length + (lastSpeaker?.length ?? 0)) % names.length];
      },
      until: maxMessages(9).or(textMention('STOP')),
    })),
  inTurn: () => build(() => ({ selectSpeaker: roundRobin(), maxRounds: 4 })),
  byAgent: () =>
    build((model) => ({
      maxRounds: 6,
      orchestrator: model('lead', ({ messages }) => {
        const isOver = messages.length > 14;
        // Every third answer needs a repair.
        const name =
          messages.length % 3 === 0 ? 'nobody' : ['ann', 'ben', 'cy'][messages.length % 2];
        return {
          terminate: isOver,
          reason: `read ${messages.length}`,
          next_speaker: isOver ? null : (name ?? null),
          final_message: isOver ? 'over' : null,
        };
      }),
    })),
};

/** What a run shows: the events and requests, without ids and times. */
async function observe({ chat, requests }: ObservedChat, input: string): Promise<unknown> {
  const first = requests.length;
  const shown = await shownBy(chat.stream(input));
  const made = requests.slice(first);
  const sessions = [...new Set(made.map(({ request }) => request.sessionId))];
  return {
    ...shown,
    requests: made.map(({ agent, request }) => {
      const { sessionId, ...rest } = request;
      return { agent, session: sessions.indexOf(sessionId), request: rest };
    }),
  };
}

const wayOf = <T extends object>(ways: T) => fc.constantFrom(...(Object.keys(ways) as (keyof T)[]));

describe('for any two inputs A and B, interrupted anywhere', () => {
  it.each(Object.keys(builds) as (keyof typeof builds)[])(
    'run(A), reset, run(B) is run(B) on a new chat led %s',
    async (led) => {
      const text = fc.oneof(fc.string(), fc.constantFrom('STOP', 'A', 'ann read'));
      await fc.assert(
        fc.asyncProperty(
          fc.record({
            inputA: text,
            inputB: text,
            way: wayOf(interruptions),
            at: fc.integer({ min: 1, max: 60 }),
            failAt: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
          }),
          async ({ inputA, inputB, way, at, failAt }) => {
            const used = builds[led]();
            used.failAt = failAt;
            await interruptions[way](used.chat, inputA, at);
            used.failAt = undefined;

            await used.chat.resetForNewRun();

            expect(await observe(used, inputB)).toEqual(await observe(builds[led](), inputB));
          },
        ),
        { numRuns: 100 },
      );
    },
    30_000,
  );
});
