import { type Agent, textMessage, type Workflow } from '@colloquy/core';
import { type ScriptEntry } from '@colloquy/testing';
import fc from 'fast-check';

import { type Aggregator, judge, lastMessages, vote } from '../src/concurrent/aggregators.ts';
import { quorum } from '../src/concurrent/concurrency-mode.ts';
import { concurrent } from '../src/concurrent/concurrent.ts';
import { BaseGroupChatOrchestrator } from '../src/group-chat/base-orchestrator.ts';
import { type ConversationViewOption, last } from '../src/group-chat/conversation-view.ts';
import { type GroupChatView } from '../src/group-chat/group-chat-view.ts';
import { groupChat, type GroupChatOptions } from '../src/group-chat/group-chat.ts';
import { roundRobin, type SpeakerSelector } from '../src/group-chat/selectors.ts';
import { handoff } from '../src/handoff/handoff.ts';
import { type MagenticContext, type MagenticManager } from '../src/magentic/magentic-manager.ts';
import { magentic, type MagenticManagerSource } from '../src/magentic/magentic.ts';
import { sequential } from '../src/sequential/sequential.ts';
import { maxMessages } from '../src/termination/max-messages.ts';
import { noProgress } from '../src/termination/no-progress.ts';
import { type TerminationCondition } from '../src/termination/termination-condition.ts';
import { textMention } from '../src/termination/text-mention.ts';
import { timeout } from '../src/termination/timeout.ts';
import { countCall, keysOf } from './left-conversations.ts';
import { ledger } from './magentic-script.ts';
import { MEMBER_KINDS, type MemberKind, type ResetWorld } from './reset-world.ts';

/** A team that a case may be about, made of a world. */
export interface TeamCase {
  readonly what: string;
  /** Who is in a session of the caller's. */
  readonly supplied: readonly string[];
  readonly build: (world: ResetWorld) => Workflow<string>;
}

const NAMES = ['ann', 'ben', 'cy'] as const;

const membersOf = (kinds: readonly MemberKind[], world: ResetWorld) =>
  kinds.map((kind, index) => world.member(NAMES[index] ?? '', kind));

/** Who is in a session of the caller's, the leader too where it is. */
const suppliedIn = (kinds: readonly MemberKind[], leader?: string): readonly string[] => [
  ...NAMES.filter((_, index) => kinds[index] === 'supplied'),
  ...(leader === undefined ? [] : [leader]),
];

const kindsArbitrary = fc.array(fc.constantFrom(...MEMBER_KINDS), { minLength: 1, maxLength: 3 });

const gateArbitrary = fc.constantFrom(undefined, 'before' as const, 'after' as const);
type Gate = 'before' | 'after' | undefined;

/** Asks a human about agents, where there are any. */
const gateOf = (when: Gate, members: readonly MemberKind[]) =>
  when === undefined || members.every((kind) => kind === 'executor') ? {} : { humanGate: { when } };

const optionsOf = ({ logger }: ResetWorld) => ({ logger, graceMs: 50 });

/** Counts its own calls, and so says something else where it was not reset. */
function counting<T extends (...args: never[]) => unknown>(
  work: (count: number, ...args: Parameters<T>) => ReturnType<T>,
) {
  let count = 0;
  const counted = (...args: Parameters<T>): ReturnType<T> => work((count += 1), ...args);
  return Object.assign(counted, {
    fork: () => counting(work),
    reset: () => {
      count = 0;
    },
    onCheckpointSave: () => count,
    onCheckpointRestore: (saved: unknown) => {
      count = Number(saved);
    },
  });
}

/** Takes the conversation's end from time to time; `timeout` is one with state. */
const conditions = {
  none: () => undefined,
  messages: () => maxMessages(5),
  mention: () => textMention('says 3').or(noProgress(2)),
  time: () => timeout(3, { now: ticking() }).or(maxMessages(9)),
} satisfies Record<string, () => TerminationCondition | undefined>;

/** A clock that goes on with every look at it. */
function ticking(): () => number {
  let now = 0;
  return () => (now += 1);
}

const conditionArbitrary = fc.constantFrom(...keysOf(conditions));

/** Counts, and can be saved and reset. */
class Tally {
  count = 0;

  reset(): void {
    this.count = 0;
  }

  onCheckpointSave(): unknown {
    return this.count;
  }

  onCheckpointRestore(count: unknown): void {
    this.count = Number(count);
  }
}

/** Leads a chat by what was said, and by how often it was asked. */
class CountingOrchestrator extends BaseGroupChatOrchestrator {
  readonly #world: ResetWorld;
  readonly #tally = new Tally();

  constructor(world: ResetWorld) {
    super({ maxRounds: 5, until: textMention('says 3') });
    this.#world = world;
  }

  protected override nextSpeaker({ participants, conversation }: GroupChatView): string | null {
    countCall(this.#world.fault);
    this.#tally.count += 1;
    if (this.#tally.count > 4) return null;
    const pick = this.#world.pick('lead', conversation) + this.#tally.count;
    return participants[pick % participants.length]?.name ?? null;
  }

  protected override _resetPatternState(): void {
    this.#tally.reset();
  }

  protected override savePatternState(): unknown {
    return this.#tally.onCheckpointSave();
  }

  protected override restorePatternState(count: unknown): void {
    this.#tally.onCheckpointRestore(count);
  }
}

type Leading = Pick<GroupChatOptions, 'selectSpeaker' | 'orchestrator'>;

const leads = {
  inTurn: () => ({ selectSpeaker: roundRobin() }),
  byFunction: (world) => ({
    selectSpeaker: counting<SpeakerSelector>((count, { candidates, conversation }) => {
      countCall(world.fault);
      if (count > 4) return null;
      const pick = world.pick('lead', conversation) + count;
      return candidates[pick % candidates.length]?.name;
    }),
  }),
  byAgent: (world) => ({
    orchestrator: world.agent('lead', ({ messages }, pick) => decide(pick, messages.length)),
  }),
  inSession: (world) => ({
    orchestrator: {
      agent: world.agent('lead', (_, pick) => decide(pick, 0)),
      session: world.session('lead'),
    },
  }),
  byOwn: (world) => ({ orchestrator: () => new CountingOrchestrator(world) }),
} satisfies Record<string, (world: ResetWorld) => Leading>;

function decide(pick: number, length: number): ScriptEntry {
  const isOver = pick % 5 === 0;
  const name = pick % 7 === 0 ? 'nobody' : 'ann';
  return {
    terminate: isOver,
    reason: `read ${length}`,
    next_speaker: isOver ? null : name,
    final_message: isOver ? 'over' : null,
  };
}

/** What participants read of each other; `counted` gives new objects every time. */
const views = {
  all: 'all',
  own: 'own',
  last: last(1),
  counted: ({ unread }) => [...unread, textMessage('user', `${unread.length} new`)],
} satisfies Record<string, ConversationViewOption>;

const groupChats: fc.Arbitrary<TeamCase> = fc
  .record({
    members: kindsArbitrary,
    lead: fc.constantFrom(...keysOf(leads)),
    until: conditionArbitrary,
    maxRounds: fc.integer({ min: 1, max: 4 }),
    gate: gateArbitrary,
    view: fc.constantFrom(...keysOf(views)),
    allowRepeat: fc.boolean(),
  })
  .map(({ members, lead, until, maxRounds, gate, view, allowRepeat }) => ({
    what: `group chat of ${members.join()} led ${lead}, until ${until}, ${maxRounds} rounds, gate ${gate}, view ${view}, repeats ${allowRepeat}`,
    supplied: suppliedIn(members, lead === 'inSession' ? 'lead' : undefined),
    build: (world) => {
      const participants = membersOf(members, world);
      // An agent that leads by a script does not look at who may speak.
      const isFree = lead === 'inTurn' || lead === 'byFunction' ? allowRepeat : true;
      const rules = { view: views[view], allowRepeat: isFree };
      const limits = lead === 'byOwn' ? {} : { ...rules, maxRounds, until: conditions[until]() };
      const options = { ...optionsOf(world), ...gateOf(gate, members), participants, ...limits };
      return groupChat({ ...options, ...leads[lead](world) });
    },
  }));

/** Manages by what was said, and by how often it was asked; its plans say how often. */
class CountingManager extends Tally implements MagenticManager {
  readonly #world: ResetWorld;

  constructor(world: ResetWorld) {
    super();
    this.#world = world;
  }

  async plan(): Promise<{ facts: string; plan: string }> {
    countCall(this.#world.fault);
    this.count += 1;
    return { facts: 'some', plan: `plan ${this.count}` };
  }

  revisePlan = () => this.plan();
  replan = () => this.plan();

  async progress({ transcript, participants }: MagenticContext) {
    countCall(this.#world.fault);
    this.count += 1;
    const pick = this.#world.pick('mgr', transcript) + this.count;
    const item = <T>(answer: T) => ({ reason: `asked ${this.count}`, answer });
    return {
      isRequestSatisfied: item(pick % 5 === 0),
      isInLoop: item(pick % 7 === 0),
      isProgressBeingMade: item(pick % 3 !== 0),
      nextSpeaker: item(participants[pick % participants.length]?.name ?? ''),
      instructionOrQuestion: item(`do ${pick % 10}`),
    };
  }

  async finalAnswer() {
    return textMessage('assistant', `answer ${this.count}`);
  }
}

function managerAgent(world: ResetWorld, names: readonly string[]): Agent {
  return world.agent('mgr', ({ output }, pick) => {
    if (output === undefined) return `mgr ${pick % 100}`;
    if (pick % 11 === 0) return 'nonsense';
    return ledger({
      satisfied: pick % 5 === 0,
      loop: pick % 7 === 0,
      progress: pick % 3 !== 0,
      next: names[pick % names.length] ?? '',
      say: `do ${pick % 10}`,
    });
  });
}

const managers = {
  agent: managerAgent,
  inSession: (world, names) => ({
    agent: managerAgent(world, names),
    session: world.session('mgr'),
  }),
  own: (world) => () => new CountingManager(world),
} satisfies Record<string, (world: ResetWorld, names: readonly string[]) => MagenticManagerSource>;

const magentics: fc.Arbitrary<TeamCase> = fc
  .record({
    members: kindsArbitrary,
    manager: fc.constantFrom(...keysOf(managers)),
    until: conditionArbitrary,
    maxRounds: fc.integer({ min: 1, max: 4 }),
    maxStalls: fc.nat({ max: 2 }),
    maxReplans: fc.nat({ max: 2 }),
    planReview: fc.constantFrom('never' as const, 'initial' as const, 'always' as const),
    stallReview: fc.boolean(),
    shareLedger: fc.boolean(),
    onLimit: fc.constantFrom('bestEffort' as const, 'message' as const),
  })
  .map(({ members, manager, until, ...settings }) => ({
    what: `magentic of ${members.join()} by ${manager}, until ${until}, ${JSON.stringify(settings)}`,
    supplied: suppliedIn(members, manager === 'inSession' ? 'mgr' : undefined),
    build: (world) => {
      const names = NAMES.slice(0, members.length);
      return magentic({
        ...optionsOf(world),
        ...settings,
        until: conditions[until](),
        afterCompletion: 'newTask',
        participants: membersOf(members, world),
        manager: managers[manager](world, names),
      });
    },
  }));

const sequentials: fc.Arbitrary<TeamCase> = fc
  .record({
    members: kindsArbitrary,
    context: fc.constantFrom('full' as const, 'last' as const),
    gate: gateArbitrary,
  })
  .map(({ members, context, gate }) => ({
    what: `sequence of ${members.join()}, context ${context}, gate ${gate}`,
    supplied: suppliedIn(members),
    build: (world) => {
      const participants = membersOf(members, world);
      return sequential({
        ...optionsOf(world),
        ...gateOf(gate, members),
        participants,
        context,
      });
    },
  }));

const aggregators = {
  last: () => lastMessages(),
  vote: () => vote(),
  judge: (world: ResetWorld) => judge(world.agent('judge', (_, pick) => `judged ${pick % 10}`)),
  counting: (world: ResetWorld) =>
    counting<Aggregator<string>>((count, results) => {
      countCall(world.fault);
      return `${count}: ${results.map(({ response }) => response?.text ?? 'failed').join()}`;
    }),
} satisfies Record<string, (world: ResetWorld) => Aggregator<unknown>>;

const concurrents: fc.Arbitrary<TeamCase> = fc
  .record({
    members: kindsArbitrary,
    mode: fc.constantFrom('all' as const, 'settled' as const, 'first' as const, quorum(1)),
    aggregate: fc.constantFrom(...keysOf(aggregators)),
    gate: gateArbitrary,
  })
  .map(({ members, mode, aggregate, gate }) => ({
    what: `concurrent ${members.join()} ${JSON.stringify(mode)} by ${aggregate}, gate ${gate}`,
    supplied: suppliedIn(members),
    build: (world) =>
      concurrent<unknown>({
        ...optionsOf(world),
        ...gateOf(gate, members),
        participants: membersOf(members, world),
        mode,
        aggregate: aggregators[aggregate](world),
      }),
  }));

const handoffs: fc.Arbitrary<TeamCase> = fc
  .record({
    count: fc.integer({ min: 1, max: 3 }),
    until: conditionArbitrary,
    maxHandoffs: fc.integer({ min: 1, max: 3 }),
    returnToPrevious: fc.boolean(),
    autonomous: fc.option(fc.record({ maxTurns: fc.integer({ min: 1, max: 2 }) }), {
      nil: undefined,
    }),
  })
  .map(({ count, until, autonomous, ...settings }) => ({
    what: `handoff of ${count}, until ${until}, ${JSON.stringify({ ...settings, autonomous })}`,
    supplied: [],
    build: (world) =>
      handoff({
        ...optionsOf(world),
        ...settings,
        ...(autonomous === undefined ? {} : { autonomous }),
        ...(until === 'none' ? {} : { until: conditions[until]() ?? maxMessages(9) }),
        participants: NAMES.slice(0, count).map((name) =>
          world.hander(name, NAMES.slice(0, count)),
        ),
        start: 'ann',
      }),
  }));

/** Teams of every pattern. */
export const teams = {
  'group chat': groupChats,
  Magentic: magentics,
  sequential: sequentials,
  concurrent: concurrents,
  handoff: handoffs,
} satisfies Record<string, fc.Arbitrary<TeamCase>>;
