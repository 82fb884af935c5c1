import { Agent, AgentSession, MemoryCheckpointStore, textMessage } from '@colloquy/core';
import {
  BaseGroupChatOrchestrator,
  concurrent,
  groupChat,
  type GroupChatView,
  handoff,
  magentic,
  maxMessages,
  PlanReview,
  roundRobin,
  sequential,
  textMention,
} from '@colloquy/orchestrations';
import { type ScriptEntry, scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

const agent = (name: string, ...replies: ScriptEntry[]): Agent =>
  new Agent({ name, description: `is ${name}`, client: scripted(replies) });

const choose = (next_speaker: string | null) => ({
  terminate: next_speaker === null,
  reason: 'because',
  next_speaker,
  final_message: next_speaker === null ? 'Goodbye.' : null,
});

const textsOf = (outputs: readonly { readonly text: string }[]): string[] =>
  outputs.map(({ text }) => text);

describe('the page about orchestrations', () => {
  it('shows a group chat led by a function, and its reset', async () => {
    const writer = agent('writer', 'Pedal on.', 'Ride on.', 'Knead on.');
    const critic = agent('critic', 'No.', 'APPROVED', 'APPROVED');
    const chat = groupChat({
      name: 'slogan',
      participants: [writer, critic],
      selectSpeaker: ({ round }) => (round % 2 === 0 ? 'writer' : 'critic'),
      maxRounds: 6,
      until: textMention('APPROVED').or(maxMessages(20)),
    });
    const first = await chat.run('A slogan for a bicycle');
    await chat.resetForNewRun();
    const second = await chat.run('A slogan for a bakery');

    expect(textsOf(first.outputs)).toEqual(['Pedal on.', 'No.', 'Ride on.', 'APPROVED']);
    expect(first.stopReason.code).toBe('until');
    expect(textsOf(second.outputs)).toEqual(['Knead on.', 'APPROVED']);
  });

  it('shows the ways to lead one', async () => {
    const participants = () => [agent('a', 'A', 'A'), agent('b', 'B', 'B')];
    const inTurn = groupChat({
      participants: participants(),
      selectSpeaker: roundRobin(),
      maxRounds: 2,
    });
    const byAgent = groupChat({
      participants: participants(),
      orchestrator: agent('lead', choose('b'), choose(null)),
    });
    const session = new AgentSession();
    const kept = groupChat({
      participants: participants(),
      orchestrator: { agent: agent('lead', choose('a'), choose(null)), session, retries: 3 },
      logger: { warn: () => {}, debug: () => {} },
    });

    expect(textsOf((await inTurn.run('task')).outputs)).toEqual(['A', 'B']);
    expect(textsOf((await byAgent.run('task')).outputs)).toEqual(['B', 'Goodbye.']);
    expect(textsOf((await kept.run('task')).outputs)).toEqual(['A', 'Goodbye.']);
    await kept.resetForNewRun();
    expect(session.history.length).toBeGreaterThan(0);
  });

  it('shows an orchestrator of one’s own', async () => {
    class Debate extends BaseGroupChatOrchestrator {
      readonly #scores = new Map<string, number>();

      protected override nextSpeaker({ participants }: GroupChatView): string | undefined {
        const spoken = ({ name }: { name: string }): number => this.#scores.get(name) ?? 0;
        const [next] = participants.toSorted((left, right) => spoken(left) - spoken(right));
        if (next !== undefined) this.#scores.set(next.name, spoken(next) + 1);
        return next?.name;
      }

      protected override _resetPatternState(): void {
        this.#scores.clear();
      }
    }
    const chat = groupChat({
      participants: [agent('a', 'A', 'A'), agent('b', 'B', 'B')],
      orchestrator: () => new Debate({ maxRounds: 1 }),
    });

    expect(textsOf((await chat.run('task')).outputs)).toEqual(['A']);
    await chat.resetForNewRun();
    expect(textsOf((await chat.run('task')).outputs)).toEqual(['A']);
  });

  it('shows a Magentic team whose plan is reviewed', async () => {
    const item = (answer: boolean | string) => ({ reason: 'because', answer });
    const ledger = (isDone: boolean) => ({
      is_request_satisfied: item(isDone),
      is_in_loop: item(false),
      is_progress_being_made: item(true),
      next_speaker: item('researcher'),
      instruction_or_question: item('Look.'),
    });
    const team = magentic({
      name: 'research',
      participants: [agent('researcher', 'Found.'), agent('coder')],
      manager: agent('planner', 'Facts.', 'Plan.', ledger(false), ledger(true), 'Answer.'),
      maxRounds: 20,
      maxStalls: 2,
      maxReplans: 3,
      planReview: 'initial',
    });
    const kinds: string[] = [];
    const run = team.stream('Compare three battery chemistries');
    for await (const event of run)
      if (event.type === 'magentic_orchestrator') kinds.push(event.kind);
    const asked = (await run.result).pendingRequests.find(PlanReview.is);
    const done = await team.resume({ responses: { [asked?.id ?? '']: { action: 'approve' } } });

    expect([kinds, asked?.data.plan]).toEqual([['plan_created'], 'Plan.']);
    expect([textsOf(done.outputs), done.stopReason.code]).toEqual([['Answer.'], 'satisfied']);
  });

  it('shows the others', async () => {
    const chain = sequential({
      participants: [agent('drafter', 'Draft.'), agent('editor', 'Text.')],
    });
    const beside = concurrent({
      participants: [agent('a', 'A'), agent('b', 'B'), agent('c', 'C')],
      aggregate: (results) => results.map(({ response }) => response?.text).join(''),
    });
    const [triage, billing] = [
      agent('triage', toolCall('handoff_to_billing')),
      agent('billing', 'Paid.'),
    ];
    const desk = handoff({
      participants: [triage, billing, agent('tech')],
      start: triage,
      routes: { triage: ['billing', 'tech'] },
      maxHandoffs: 10,
    });

    expect(textsOf((await chain.run('task')).outputs)).toEqual(['Text.']);
    expect((await beside.run('task')).outputs).toEqual(['ABC']);
    const asked = await desk.run('I paid twice');
    expect([textsOf(asked.outputs), asked.pendingRequests[0]?.data]).toEqual([
      ['Paid.'],
      { participant: 'billing', text: 'Paid.' },
    ]);
  });

  it('says that all of them are workflows', async () => {
    const build = () =>
      sequential({
        participants: [agent('a', 'A', 'A')],
        checkpoints: new MemoryCheckpointStore(),
      });
    const team = build();
    const context = [textMessage('user', 'before'), textMessage('user', 'task')];

    const { outputs, checkpointId } = await team.run(context);
    const forked = await team.fork().run(textMessage('user', 'task'));
    const asAgent = await build().asAgent().run('task');

    expect([textsOf(outputs), textsOf(forked.outputs), asAgent.text]).toEqual([['A'], ['A'], 'A']);
    expect(checkpointId).toBeDefined();
  });
});
