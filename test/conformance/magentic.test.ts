import { Agent } from '@colloquy/core';
import { type Magentic, magentic, type MagenticOptions } from '@colloquy/orchestrations';
import { type ScriptEntry, scripted } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

import { type AgentCall, recorded } from './group-chat-trace.ts';
import {
  type ComparableTeam,
  expectedTeams,
  observedTeam,
  PROMPTS,
  type Received,
} from './magentic-trace.ts';

/** A team of A and B, who answer A1, A2 …, and a manager that follows a script. */
function build(
  script: readonly ScriptEntry[],
  calls: AgentCall[],
  options: Partial<MagenticOptions> = {},
): Magentic {
  const participants = ['A', 'B'].map((name) => {
    const client = scripted([`${name}1`, `${name}2`]);
    return recorded(new Agent({ name, description: `${name} desc`, client }), calls);
  });
  const manager = recorded(new Agent({ name: 'mgr', client: scripted(script) }), calls);
  return magentic({ participants, manager, prompts: PROMPTS, shareLedger: false, ...options });
}

const ledger = (answers: {
  readonly satisfied?: boolean;
  readonly loop?: boolean;
  readonly next?: string;
  readonly say?: string;
}) => {
  const { satisfied = false, loop = false, next = 'A', say = 'go' } = answers;
  const because = (answer: boolean | string) => ({ reason: 'r', answer });
  return {
    is_request_satisfied: because(satisfied),
    is_in_loop: because(loop),
    is_progress_being_made: because(true),
    next_speaker: because(next),
    instruction_or_question: because(say),
  };
};

const SATISFIED = [ledger({ satisfied: true }), 'FINAL'];
const PLAN = ['facts1', 'plan1'];
const REPLAN = ['facts2', 'plan2'];

/**
 * The manager thinks a replan over with the whole transcript, and keeps the task as it was given; the reference drops
 * both first.
 */
function withTranscript(team: ComparableTeam | undefined, task: string): unknown {
  const given: Received = ['user', '', task];
  const plan: Received = ['assistant', 'mgr', 'ledger: facts1, plan1'];
  const calls = team?.calls.map((call) => {
    const [first] = call.received;
    if (first?.[2] === 'facts again?')
      return { ...call, received: [given, plan, ...call.received] };
    if (first?.[0] === 'assistant') return { ...call, received: [given, ...call.received] };
    return call;
  });
  return { ...team, calls };
}

describe('the reference trace of two turns and an answer (M01)', () => {
  const script = [
    ...PLAN,
    ledger({ next: 'A', say: 'do A' }),
    ledger({ next: 'B', say: 'do B' }),
    ...SATISFIED,
  ];

  it.each(expectedTeams('m01-magentic-happy').map((team, run) => ({ run: run + 1, team })))(
    'matches in run $run',
    async ({ team }) => {
      const calls: AgentCall[] = [];

      const observed = await observedTeam(build(script, calls).stream('the task'), calls);

      expect(observed).toEqual(team);
    },
  );

  it('tells participants the plan, where the reference does not', async () => {
    const calls: AgentCall[] = [];

    await build(script, calls, { shareLedger: true }).run('the task');

    const received = calls.find(({ agent }) => agent === 'B')?.received.map(({ text }) => text);
    expect(received).toEqual(['ledger: facts1, plan1 the task', 'A1', 'do B']);
  });
});

describe('the reference trace of a stall (M03)', () => {
  it('matches but for what the manager still knows at the replan', async () => {
    const calls: AgentCall[] = [];
    const script = [...PLAN, ledger({ loop: true }), ...REPLAN, ...SATISFIED];
    const team = build(script, calls, { maxStalls: 0 });

    const observed = await observedTeam(team.stream('t'), calls);

    expect(observed).toEqual(withTranscript(expectedTeams('m03-magentic-stall')[0], 't'));
  });
});

describe('the reference trace of the round limit (M06)', () => {
  const expected = expectedTeams('m06-magentic-max-rounds');

  /** The reply of the last round is looked at, for which there is one ledger more. */
  function withLastLedger(team: ComparableTeam): unknown {
    const replied = team.engine.findLastIndex(({ type }) => type === 'group_chat');
    const told = { kind: 'progress_ledger_updated', told: [false, false, true, 'A', 'go'] };
    const received: readonly Received[] = [
      ['user', '', 't'],
      ['assistant', 'mgr', 'ledger: facts1, plan1'],
      ['assistant', 'mgr', 'go'],
      ['assistant', 'A', 'A1'],
      ['user', '', 'progress?'],
    ];
    return {
      ...team,
      engine: team.engine.toSpliced(replied + 1, 0, { type: 'magentic_orchestrator', data: told }),
      calls: [...team.calls, { agent: 'mgr', session: '', received }],
      said: [['mgr', 'The work ended at its limit maxRounds before the task was done.']],
    };
  }

  it.each(expected.map((team, run) => ({ run: run + 1, team })))(
    'matches in run $run but for one more look at the work, and the words',
    async ({ team }) => {
      const calls: AgentCall[] = [];
      const script = [...PLAN, ledger({}), ledger({})];
      const ours = build(script, calls, { maxRounds: 1, onLimit: 'message' });

      const observed = await observedTeam(ours.stream('t'), calls);

      expect(observed).toEqual(withLastLedger(team));
    },
  );

  it('gives the best answer there is, unless told otherwise', async () => {
    const script = [...PLAN, ledger({}), ledger({}), 'BEST'];

    const { outputs, stopReason } = await build(script, [], { maxRounds: 1 }).run('t');

    expect(outputs.map(({ text }) => text)).toEqual(['BEST']);
    expect(stopReason).toEqual({ code: 'maxRounds', detail: 'maxRounds(1)' });
  });
});

describe('the reference traces of plan reviews', () => {
  /** Runs a team and approves of every plan; gives what each run came to, and what was asked. */
  async function approvingAll(team: Magentic, calls: AgentCall[]) {
    const observed: ComparableTeam[] = [];
    const asked: unknown[] = [];
    let run = team.stream('t');
    for (;;) {
      observed.push(await observedTeam(run, calls));
      const [request] = (await run.result).pendingRequests;
      if (request === undefined) return { observed, asked };
      asked.push(request.data);
      run = team.streamResume({ responses: { [request.id]: { action: 'approve' } } });
    }
  }

  it('matches where a plan is approved (M12)', async () => {
    const calls: AgentCall[] = [];
    const team = build([...PLAN, ...SATISFIED], calls, { planReview: 'initial' });

    const { observed, asked } = await approvingAll(team, calls);

    expect(observed).toEqual(expectedTeams('m12-magentic-plan-review'));
    expect(asked).toEqual([{ plan: 'plan1', facts: 'facts1', isStalled: false, version: 1 }]);
  });

  it('matches where another is made after a stall (M14), but for what the manager still knows', async () => {
    const calls: AgentCall[] = [];
    const script = [...PLAN, ledger({ loop: true }), ...REPLAN, ...SATISFIED];
    const team = build(script, calls, { planReview: 'always', maxStalls: 0 });

    const { observed, asked } = await approvingAll(team, calls);

    const expected = expectedTeams('m14-magentic-stall-review');
    expect(observed).toEqual(expected.map((each) => withTranscript(each, 't')));
    expect(asked).toEqual([
      { plan: 'plan1', facts: 'facts1', isStalled: false, version: 1 },
      {
        plan: 'plan2',
        facts: 'facts2',
        isStalled: true,
        version: 2,
        progress: expect.objectContaining({ isInLoop: { reason: 'r', answer: true } }),
      },
    ]);
  });
});
