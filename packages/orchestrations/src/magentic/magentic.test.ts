import {
  Agent,
  type ChatClient,
  ConfigurationError,
  defineExecutor,
  MemoryCheckpointStore,
  textMessage,
  textOf,
} from '@colloquy/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ledger, type LedgerScript } from '../../test/magentic-script.ts';
import {
  build,
  codeOf,
  kindsOf,
  PLAN,
  readBy,
  REPLAN,
  SATISFIED,
} from '../../test/magentic-team.ts';
import { GroupChatReply, GroupChatRequest } from '../group-chat/group-chat-messages.ts';
import { maxMessages } from '../termination/max-messages.ts';
import { MagenticEvent } from './magentic-messages.ts';

describe('a Magentic team', () => {
  it('plans, asks one after another, and answers', async () => {
    const { team, manager, a, b } = build([
      ...PLAN,
      ledger({ next: 'A' }),
      ledger({ next: 'B' }),
      ...SATISFIED,
    ]);

    const { outputs, stopReason } = await team.run('the task');

    expect(outputs.map(({ agentName, text }) => [agentName, text])).toEqual([['mgr', 'FINAL']]);
    expect(stopReason).toEqual({ code: 'satisfied' });
    expect(readBy(a).at(-1)).toBe('go A');
    expect(readBy(b).slice(-2)).toEqual(['A1', 'go B']);
    manager.assertExhausted();
  });

  it('tells what it does, in order', async () => {
    const { team } = build(
      [...PLAN, ledger({ progress: false }), ledger({ progress: false }), ...REPLAN, ...SATISFIED],
      { maxStalls: 1 },
    );

    expect(await kindsOf(team)).toEqual([
      'plan_created',
      'progress_ledger_updated',
      'stall',
      'participant_selected',
      'progress_ledger_updated',
      'stall',
      'replanned',
      'progress_ledger_updated',
    ]);
  });

  it.each([
    [true, ['Our task:', 'plan 1', 'go A']],
    [false, ['go A']],
  ])('tells participants the task and the plan: %s', async (shareLedger, parts) => {
    const { team, a } = build([...PLAN, ledger(), ...SATISFIED], { shareLedger });

    await team.run('the task');

    const read = readBy(a).join('\n');
    expect(parts.filter((part) => !read.includes(part))).toEqual([]);
    expect(read.includes('Our task:')).toBe(shareLedger);
  });

  it('keeps what was said before the task as context, and gives it to the manager', async () => {
    const { team, manager } = build([...PLAN, ...SATISFIED]);

    await team.run([textMessage('user', 'earlier'), textMessage('user', 'the {task} $& now')]);

    const [first = ''] = readBy(manager).slice(-1);
    expect(readBy(manager).slice(0, 2)).toEqual(['earlier', 'the {task} $& now']);
    expect(first).toContain('the {task} $& now');
  });

  it('says nothing twice to anybody', async () => {
    const turns = ['A', 'B', 'A', 'A', 'B'];
    const { team, manager, a, b } = build([
      ...PLAN,
      ...turns.map((next, index) => ledger({ next, say: `turn ${index}` })),
      ...SATISFIED,
    ]);

    await team.run('the task');

    for (const client of [manager, a, b]) {
      for (const { messages } of client.requests) {
        const texts = messages.map(textOf);
        expect(texts).toEqual([...new Set(texts)]);
      }
    }
  });

  it('lets executors that are no agents take part', async () => {
    const asked: string[][] = [];
    const tool = defineExecutor('tool').on(GroupChatRequest, ({ messages }) => {
      asked.push(messages.map(textOf));
      return GroupChatReply({ messages: [textMessage('assistant', 'measured: 4')] });
    });
    const { team, manager } = build(
      [...PLAN, ledger({ next: 'tool', say: 'measure' }), ...SATISFIED],
      { participants: [tool] },
    );

    await team.run('the task');

    expect(asked.map((texts) => texts.at(-1))).toEqual(['measure']);
    expect(readBy(manager, 3)).toContain('measured: 4');
  });

  it('M2: hears one reply of whoever was asked, however many there are', async () => {
    const twice = defineExecutor('twice').on(GroupChatRequest, (_request, ctx) => {
      ctx.send(GroupChatReply({ messages: [textMessage('assistant', 'first')] }));
      ctx.send(GroupChatReply({ messages: [textMessage('assistant', 'second')] }));
    });
    const once = defineExecutor('once').on(GroupChatRequest, () =>
      GroupChatReply({ messages: [textMessage('assistant', 'third')] }),
    );
    const { team, manager } = build(
      [...PLAN, ledger({ next: 'twice' }), ledger({ next: 'once' }), ...SATISFIED],
      { participants: [twice, once] },
    );

    await team.run('the task');

    expect(readBy(manager, 5)).toEqual(expect.arrayContaining(['first', 'third']));
    expect(readBy(manager, 5)).not.toContain('second');
    manager.assertExhausted();
  });

  it('streams its final answer', async () => {
    const { team } = build([...PLAN, ...SATISFIED]);
    const texts: string[] = [];

    for await (const event of team.stream('task'))
      if (event.type === 'agent_update') texts.push(event.update.text);

    expect(texts.join('')).toBe('FINAL');
  });
});

describe('the arithmetic of stalls', () => {
  const flags: Readonly<Record<string, LedgerScript>> = {
    n: { progress: false },
    p: {},
    l: { loop: true },
  };

  /** How many turns participants had when the plan was made anew; `undefined` where it was not. */
  async function turnsBeforeReplan(
    sequence: string,
    maxStalls: number,
  ): Promise<number | undefined> {
    const script = [...sequence].map((flag) => ledger(flags[flag]));
    const { team } = build([...PLAN, ...script, ...REPLAN, ...SATISFIED], { maxStalls });
    let turns = 0;
    for await (const event of team.stream('task')) {
      if (!MagenticEvent.is(event)) continue;
      if (event.kind === 'replanned') return turns;
      if (event.kind === 'participant_selected') turns += 1;
    }
    return undefined;
  }

  it.each([
    ['nnnn', 3, 3],
    ['nnn', 2, 2],
    ['nn', 1, 1],
    ['n', 0, 0],
    ['l', 0, 0],
    ['npnpnn', 1, 5],
    ['nnpnn', 2, 4],
    ['pppn', 0, 3],
    ['nlpnn', 2, 4],
  ])(
    '%s with maxStalls %i makes the plan anew after %i turns',
    async (sequence, maxStalls, turns) => {
      expect(await turnsBeforeReplan(sequence, maxStalls)).toBe(turns);
    },
  );

  it('begins anew at a replan: nnpnnp with maxStalls 1 makes the plan anew after 1 turn and after 3', async () => {
    const script = ['n', 'n', ...REPLAN, 'p', 'n', 'n', ...REPLAN, 'p'].map((entry) =>
      entry.length === 1 ? ledger(flags[entry]) : entry,
    );
    const { team } = build([...PLAN, ...script, ...SATISFIED], { maxStalls: 1 });
    const turns: number[] = [];
    let count = 0;
    for await (const event of team.stream('task')) {
      if (!MagenticEvent.is(event)) continue;
      if (event.kind === 'replanned') turns.push(count);
      if (event.kind === 'participant_selected') count += 1;
    }

    expect([turns, count]).toEqual([[1, 3], 4]);
  });

  it('refuses fewer stalls than none, where progress would make the plan anew', () => {
    expect(() => build([], { maxStalls: -1 })).toThrow(ConfigurationError);
  });

  it('asks the manager exactly as often as the sum says', async () => {
    const ledgers = fc.array(
      fc.record({ loop: fc.boolean(), progress: fc.boolean(), next: fc.constantFrom('A', 'B') }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(ledgers, fc.nat({ max: 3 }), async (script, maxStalls) => {
        let stalls = 0;
        let replans = 0;
        const replies = script.flatMap((flag) => {
          stalls = flag.loop || !flag.progress ? stalls + 1 : Math.max(0, stalls - 1);
          if (stalls <= maxStalls) return [ledger(flag)];
          stalls = 0;
          replans += 1;
          return [ledger(flag), ...REPLAN];
        });
        const { team, manager } = build([...PLAN, ...replies, ...SATISFIED], {
          maxStalls,
          maxReplans: Infinity,
        });

        await team.run('task');

        expect(manager.requests).toHaveLength(2 + (script.length + 1) + 2 * replans + 1);
        manager.assertExhausted();
      }),
      { numRuns: 200 },
    );
  });
});

describe('a replan', () => {
  const script = [...PLAN, ledger({ say: 'try' }), ledger({ progress: false }), ...REPLAN];

  it('S2: is thought over with the whole transcript, which is then dropped', async () => {
    const { team, manager } = build([...script, ...SATISFIED], { maxStalls: 0 });

    await team.run('the task');

    const [updating, progress] = [readBy(manager, 4), readBy(manager, 6)];
    expect(updating).toEqual(expect.arrayContaining(['the task', 'try', 'A1']));
    expect(updating.at(-1)).toContain('facts 1');
    expect(progress).toHaveLength(3);
    expect(progress.join()).not.toContain('A1');
    expect(progress.join()).toContain('plan 2');
  });

  it('lets participants start afresh, with the new plan', async () => {
    const { team, a } = build([...script, ledger({ say: 'again' }), ...SATISFIED], {
      maxStalls: 0,
    });

    await team.run('the task');

    const [first, second] = [readBy(a, 0), readBy(a, 1)];
    expect(first.join()).toContain('plan 1');
    expect(second).toHaveLength(2);
    expect(second[0]).toContain('plan 2');
    expect(second[1]).toBe('again');
    expect(a.requests[0]?.sessionId).not.toBe(a.requests[1]?.sessionId);
  });

  it('is not paid for where none is left', async () => {
    const { team, manager } = build([...PLAN, ledger({ progress: false }), 'BEST'], {
      maxStalls: 0,
      maxReplans: 0,
    });

    const { outputs, stopReason } = await team.run('task');

    expect(outputs.map(({ text }) => text)).toEqual(['BEST']);
    expect(stopReason).toEqual({ code: 'maxReplans', detail: 'maxReplans(0)' });
    manager.assertExhausted();
  });
});

describe('a limit', () => {
  it('looks at the last reply once more before the best answer is given', async () => {
    const satisfiedAtLast = build([...PLAN, ledger(), ...SATISFIED], { maxRounds: 1 });
    const not = build([...PLAN, ledger(), ledger(), 'BEST'], { maxRounds: 1 });

    const [first, second] = [await satisfiedAtLast.team.run('t'), await not.team.run('t')];

    expect([first.stopReason.code, second.stopReason.code]).toEqual(['satisfied', 'maxRounds']);
    expect(second.outputs.map(({ text }) => text)).toEqual(['BEST']);
    not.manager.assertExhausted();
  });

  it('can end in a message, or an error', async () => {
    const script = [...PLAN, ledger(), ledger()];
    const message = build(script, { maxRounds: 1, onLimit: 'message' });
    const error = build(script, { maxRounds: 1, onLimit: 'throw' });

    const { outputs } = await message.team.run('t');

    expect(outputs.map(({ text }) => text)).toEqual([expect.stringContaining('maxRounds')]);
    expect(await codeOf(error.team.run('t'))).toBe('magentic/limit');
  });

  it('is told, and counts the manager’s calls', async () => {
    const { team, manager } = build([...PLAN, ledger(), 'BEST'], { maxManagerCalls: 3 });

    expect(await kindsOf(team)).toContain('limit_reached');
    manager.assertExhausted();
  });

  it('may be a condition on what participants say', async () => {
    const { team } = build([...PLAN, ledger(), ledger(), 'BEST'], {
      until: maxMessages(2),
      shareLedger: false,
    });

    expect((await team.run('t')).stopReason).toEqual({ code: 'until', detail: 'maxMessages(2)' });
  });

  it('S1: ends a manager that talks nonsense for ever', async () => {
    const { team, manager } = build(
      Array.from({ length: 400 }, () => 'nonsense'),
      {
        maxStalls: 1,
        maxReplans: 2,
      },
    );

    const { stopReason, supersteps } = await team.run('t');

    // Two for a plan, four for each of two ledgers of three plans, two for each replan, one for the answer.
    expect(stopReason.code).toBe('maxReplans');
    expect(manager.requests).toHaveLength(2 + 3 * 2 * 4 + 2 * 2 + 1);
    expect(supersteps).toBeLessThan(4);
    expect(Math.max(...manager.requests.map(({ messages }) => messages.length))).toBeLessThan(12);
  });
});

describe('a manager that talks nonsense for ever', () => {
  it('S3: is given no more to read, however long that goes on, and ends at its cap', async () => {
    const lengths: number[] = [];
    const client: ChatClient = {
      async *stream(messages) {
        lengths.push(JSON.stringify(messages).length);
        yield { contents: [{ type: 'text', text: 'nonsense' }] };
      },
    };
    const { team } = build([], {
      manager: new Agent({ name: 'mgr', client }),
      maxReplans: Infinity,
      maxRounds: Infinity,
      maxManagerCalls: 2000,
    });

    const stream = team.stream('t');
    let invoked = 0;
    for await (const event of stream) if (event.type === 'executor_invoked') invoked += 1;
    const { stopReason } = await stream.result;

    // Plans, ledgers and repairs come round and round, each as long as the last time.
    const rounds = new Set(lengths.slice(100, -20).map((length, at) => `${at % 14} ${length}`));
    expect(stopReason).toEqual({ code: 'maxManagerCalls', detail: 'maxManagerCalls(2000)' });
    expect(lengths.length).toBeLessThan(2020);
    expect(rounds.size).toBe(14);
    // The orchestrator once, and A and B: to start afresh, and with the last plan.
    expect(invoked).toBe(5);
  });
});

describe('a progress ledger', () => {
  it.each([
    ['another case', 'a'],
    ['quotes', '"A"'],
    ['words around it', 'Agent A, please'],
  ])('may name the speaker with %s', async (_, next) => {
    const { team, a } = build([...PLAN, ledger({ next, say: 'do it' }), ...SATISFIED]);

    await team.run('t');

    expect(readBy(a).at(-1)).toBe('do it');
  });

  it('is asked for again with what was wrong, and never ends the task by a bad name', async () => {
    const { team, manager, a } = build([
      ...PLAN,
      ledger({ next: 'Zoe' }),
      'prose',
      ledger({ next: 'A' }),
      ...SATISFIED,
    ]);

    const { stopReason } = await team.run('t');

    expect(stopReason.code).toBe('satisfied');
    expect(readBy(manager, 3).at(-1)).toContain('"Zoe"');
    expect(readBy(manager, 4).at(-1)).toContain('no JSON object');
    expect(a.requests).toHaveLength(1);
  });

  it('that says "false" is false', async () => {
    const { team, a } = build([...PLAN, ledger({ satisfied: 'false' }), ...SATISFIED]);

    await team.run('t');

    expect(a.requests).toHaveLength(1);
  });

  it('M1: whose model cannot be reached is no stall, and loses nothing', async () => {
    const { team, manager, a } = build([...PLAN, ledger(), new Error('503'), ...SATISFIED], {
      checkpoints: new MemoryCheckpointStore(),
    });
    await codeOf(team.run('t'));

    const { outputs } = await team.resume();

    expect(outputs.map(({ text }) => text)).toEqual(['FINAL']);
    expect(a.requests).toHaveLength(1);
    manager.assertExhausted();
  });
});
