import {
  Agent,
  AgentSession,
  ConfigurationError,
  MemoryCheckpointStore,
  textMessage,
  textOf,
} from '@colloquy/core';
import { scripted } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

import { ledger } from '../../test/magentic-script.ts';
import {
  build,
  codeOf,
  PLAN,
  readBy,
  REPLAN,
  SATISFIED,
  type Scripted,
} from '../../test/magentic-team.ts';
import { type MagenticManager } from './magentic-manager.ts';
import { magentic, type MagenticOptions } from './magentic.ts';

describe('a plan review', () => {
  const answer = (
    paused: { readonly pendingRequests: readonly { readonly id: string }[] },
    response: unknown,
  ) => ({ responses: { [paused.pendingRequests[0]?.id ?? '']: response } });

  it('shows the plan and waits', async () => {
    const { team, a } = build([...PLAN, ...SATISFIED], { planReview: 'initial' });

    const paused = await team.run('t');

    expect(paused.state).toBe('idle_with_pending_requests');
    expect(paused.pendingRequests[0]).toMatchObject({
      type: 'plan_review',
      data: { plan: 'plan 1', facts: 'facts 1', isStalled: false, version: 1 },
    });
    expect(a.requests).toHaveLength(0);
    const done = await team.resume(answer(paused, { action: 'approve' }));
    expect(done.outputs.map(({ text }) => text)).toEqual(['FINAL']);
  });

  it('takes a note along', async () => {
    const { team, a, manager } = build([...PLAN, ledger(), ...SATISFIED], {
      planReview: 'initial',
    });
    const paused = await team.run('t');

    await team.resume(answer(paused, { action: 'approve', note: 'Mind the budget.' }));

    expect(readBy(a)).toContain('Mind the budget.');
    expect(readBy(manager, 2)).toContain('Mind the budget.');
  });

  it('revises with the old plan and the feedback in the question, and asks again', async () => {
    const { team, manager } = build([...PLAN, ...REPLAN, ...SATISFIED], { planReview: 'initial' });
    const paused = await team.run('t');

    const revised = await team.resume(answer(paused, { action: 'revise', feedback: 'Cheaper!' }));

    expect(revised.pendingRequests[0]?.data).toMatchObject({
      plan: 'plan 2',
      version: 2,
      isStalled: false,
    });
    expect(readBy(manager, 3).at(-1)).toContain('plan 1');
    expect(readBy(manager, 3).at(-1)).toContain('Cheaper!');
    const late = team.resume(answer(paused, { action: 'approve' }));
    await expect(late).rejects.toMatchObject({ code: 'request/stale' });
    const done = await team.resume(answer(revised, { action: 'approve' }));
    expect(done.stopReason.code).toBe('satisfied');
  });

  it('takes a plan of the human’s own', async () => {
    const { team, a } = build([...PLAN, ledger(), ...SATISFIED], { planReview: 'initial' });
    const paused = await team.run('t');

    await team.resume(answer(paused, { action: 'replace', plan: 'my plan' }));

    expect(readBy(a).join()).toContain('my plan');
    expect(readBy(a).join()).not.toContain('plan 1');
  });

  it('can stop it all', async () => {
    const { team } = build(PLAN, { planReview: 'initial' });
    const paused = await team.run('t');

    const { outputs, stopReason } = await team.resume(
      answer(paused, { action: 'abort', reason: 'too dear' }),
    );

    expect([outputs, stopReason]).toEqual([[], { code: 'aborted', detail: 'too dear' }]);
  });

  it.each([
    ['initial', [false]],
    ['always', [false, true]],
  ] as const)('looks at plans after a stall too: %s', async (planReview, reviews) => {
    const { team } = build([...PLAN, ledger({ progress: false }), ...REPLAN, ...SATISFIED], {
      planReview,
      maxStalls: 0,
    });
    let result = await team.run('t');
    const asked: unknown[] = [];
    while (result.pendingRequests.length > 0) {
      asked.push(result.pendingRequests[0]?.data);
      result = await team.resume(answer(result, { action: 'approve' }));
    }

    expect(asked).toMatchObject(
      reviews.map((isStalled, index) => ({ isStalled, version: index + 1 })),
    );
  });

  it('survives another process, and what is said meanwhile', async () => {
    const store = new MemoryCheckpointStore();
    const options = { planReview: 'initial', checkpoints: store, threadId: 't' } as const;
    const first = build([...PLAN], options);
    const paused = await first.team.run('t');
    const { team, manager } = build(SATISFIED, options);

    await team.resume({ threadId: 't' });
    const meanwhile = await team.run('Hurry, please.');
    const done = await team.resume(answer(paused, { action: 'approve' }));

    expect(meanwhile.state).toBe('idle_with_pending_requests');
    expect(done.outputs.map(({ text }) => text)).toEqual(['FINAL']);
    expect(readBy(manager)).toContain('Hurry, please.');
  });

  it.each([
    ['continue', { action: 'continue' }, ['go A']],
    ['guide', { action: 'guide', text: 'Ask B.' }, ['go B']],
    ['replan', { action: 'replan' }, ['go B']],
  ])('of a stall can %s', async (kind, response, said) => {
    const after = {
      continue: [],
      guide: [ledger({ next: 'B' })],
      replan: [...REPLAN, ledger({ next: 'B' })],
    };
    const { team, a, b, manager } = build(
      [
        ...PLAN,
        ledger({ progress: false }),
        ...(after[kind as keyof typeof after] ?? []),
        ...SATISFIED,
      ],
      { maxStalls: 0, stallReview: true },
    );
    const paused = await team.run('t');

    const { stopReason } = await team.resume(answer(paused, response));

    expect(paused.pendingRequests[0]).toMatchObject({
      type: 'stall_review',
      data: { stallCount: 1 },
    });
    expect([...readBy(a).slice(-1), ...readBy(b).slice(-1)]).toEqual(said);
    expect(stopReason.code).toBe('satisfied');
    expect(readBy(manager, 3).includes('Ask B.')).toBe(kind === 'guide');
  });
});

describe('the end of a task', () => {
  it('takes no other task until a reset', async () => {
    const { team } = build([...PLAN, ...SATISFIED, ...PLAN, ...SATISFIED]);
    await team.run('one');

    expect(await codeOf(team.run('two'))).toBe('magentic/completed');
    await team.resetForNewRun();
    expect((await team.run('three')).stopReason.code).toBe('satisfied');
  });

  it('can be the beginning of another task that knows what was said', async () => {
    const { team, manager } = build(
      [...PLAN, ledger(), ...SATISFIED, ...PLAN, ledger(), ...SATISFIED],
      { afterCompletion: 'newTask', maxRounds: 1 },
    );
    await team.run('one');

    const { outputs } = await team.run('two');

    expect(outputs.map(({ text }) => text)).toEqual(['FINAL']);
    const asked = readBy(manager, 5);
    expect(asked).toEqual(expect.arrayContaining(['one', 'A1', 'FINAL', 'two']));
  });

  it('leaves nothing behind after a reset', async () => {
    const script = [...PLAN, ledger(), ledger({ progress: false }), ...REPLAN, ...SATISFIED];
    const used = build([...script, ...script], { maxStalls: 0 });
    await used.team.run('one');
    await used.team.resetForNewRun();
    await used.team.run('two');
    const fresh = build(script, { maxStalls: 0 });
    await fresh.team.run('two');

    // Participants count their answers.
    const said = (requests: Scripted['requests']): string =>
      JSON.stringify(requests.map(({ messages }) => messages)).replaceAll(/"([AB])\d+"/g, '"$1"');
    const count = fresh.manager.requests.length;
    expect(said(used.manager.requests.slice(count))).toBe(said(fresh.manager.requests));
  });

  it('keeps a session of the caller’s at reset, and never changes it', async () => {
    const warnings: string[] = [];
    const session = new AgentSession({ history: [textMessage('user', 'I am Ada.')] });
    const client = scripted([...PLAN, ...SATISFIED]);
    const team = magentic({
      participants: [new Agent({ name: 'A', client: scripted(['x']) })],
      manager: { agent: new Agent({ name: 'mgr', client }), session },
      logger: { warn: (message) => warnings.push(message), debug: () => {} },
    });
    await team.run('t');
    await team.resetForNewRun();

    expect(client.requests.map(({ messages }) => messages.map(textOf)[0])).toEqual(
      Array.from({ length: 4 }, () => 'I am Ada.'),
    );
    expect(session.history).toHaveLength(1);
    expect(warnings).toEqual([expect.stringContaining('mgr')]);
  });

  it('comes the same from a checkpoint after every superstep', async () => {
    const script = [...PLAN, ledger(), ledger({ next: 'B' }), ...SATISFIED];
    const store = new MemoryCheckpointStore();
    const whole = build(script, { checkpoints: store });
    const { outputs } = await whole.team.run('t');

    for await (const { id } of store.list()) {
      const { superstep } = await store.load(id);
      // What the manager says from there on.
      const left = superstep === 0 ? script : script.slice(2 + Math.ceil(superstep / 2));
      const { team } = build(left, { checkpoints: store });
      expect((await team.resume({ checkpointId: id })).outputs).toMatchObject(
        outputs.map(({ text }) => ({ text })),
      );
    }
  });
});

describe('a team that cannot work', () => {
  const unmanaged: readonly unknown[] = [undefined, {}, 'planner', { agent: {} }];

  it.each(unmanaged)('is refused when it is built with %j as its manager', (manager) => {
    expect(() => build([], { manager: manager as MagenticManager })).toThrow(
      expect.objectContaining({ code: 'magentic/manager' }),
    );
  });

  it.each<[string, Partial<MagenticOptions>]>([
    ['no rounds', { maxRounds: 0 }],
    ['stalls below 0', { maxStalls: -1 }],
    ['half a replan', { maxReplans: 0.5 }],
    ['a review that is none', { planReview: 'often' as never }],
    ['a prompt without its slot', { prompts: { progress: 'Who is next?' } }],
    ['an empty prompt', { prompts: { facts: '' } }],
    ['a prompt that is none', { prompts: { fact: 'x' } as never }],
  ])('is refused when it is built with %s', (_, options) => {
    expect(() => build([], options)).toThrow(ConfigurationError);
  });

  it.each([
    ['nobody', []],
    [
      'one called as the orchestrator is',
      [new Agent({ name: 'Magentic_Orchestrator', client: scripted([]) })],
    ],
  ])('is refused with %s', (_, participants) => {
    expect(() => build([], { participants })).toThrow(
      expect.objectContaining({ code: 'workflow/invalid' }),
    );
  });

  it('refuses an input without a task', async () => {
    const { team } = build([]);

    expect(await codeOf(team.run('  '))).toBe('magentic/no-task');
    expect(await codeOf(team.run([]))).toBe('magentic/no-task');
  });
});
