/** The ways of leading a team that are compared. Each is told the task, names, descriptions and what is said. */
import { Agent, type ChatClient, textOf, type Workflow } from '@colloquy/core';
import {
  groupChat,
  handoff,
  magentic,
  type MagenticManager,
  roundRobin,
  StandardMagenticManager,
  textMention,
} from '@colloquy/orchestrations';
import {
  type RecordedRequest,
  type ScriptEntry,
  scripted,
  type SeededRandom,
  seededRandom,
  toolCall,
} from '@colloquy/testing';

import { candidateFor, chooseByTopic, manage, type Mind, select } from './manager.ts';
import { read } from './reading.ts';
import { speak, type Utterance } from './specialist.ts';
import { type Specialist, type World } from './world.ts';

/** What is counted while a team works. */
export interface Meter {
  modelCalls: number;
  deliveredCharacters: number;
  turns: number;
  replans: number;
  /** Whether somebody has looked for a step that nobody can find. */
  hasHitDeadEnd: boolean;
}

/** The names of the strategies, in the order of the report. */
export const STRATEGIES = [
  'round robin',
  'random',
  'function selector',
  'agent selector',
  'handoff mesh',
  'Magentic',
  'Magentic, no stall detection',
  'Magentic, wipes before it replans',
] as const;

export type StrategyName = (typeof STRATEGIES)[number];

/** The most turns of participants that any team has. */
export const MAX_TURNS = 30;

const ANSWER = 'ANSWER:';

/** A world to work in, as a run of one strategy has it. */
export class Stage {
  /** The task that is being worked on; another one has other values. */
  world: World;
  readonly meter: Meter;
  readonly #chance: ReadonlyMap<string, SeededRandom>;

  constructor(world: World, meter: Meter) {
    this.world = world;
    this.meter = meter;
    const names = [...world.specialists.map(({ name }) => name), 'lead'].toSorted();
    this.#chance = new Map(names.map((name, index) => [name, seededRandom(world.seed, 77, index)]));
  }

  /** The same luck for the same name in every strategy. */
  chanceOf(name: string): SeededRandom {
    return this.#chance.get(name) ?? seededRandom(this.world.seed);
  }

  get mind(): Mind {
    const candidates = this.world.specialists.map(({ name, description }) => ({
      name,
      description,
    }));
    return { candidates, random: this.chanceOf('lead') };
  }

  /** Builds the team of a strategy. */
  build(strategy: StrategyName): Workflow<string> {
    switch (strategy) {
      case 'round robin':
        return this.#chat(roundRobin());
      case 'random': {
        const { candidates, random } = this.mind;
        return this.#chat(() => random.pick(candidates)?.name ?? '');
      }
      case 'function selector':
        return this.#chat(({ conversation }) => {
          const { candidates } = this.mind;
          const names = candidates.map(({ name }) => name);
          return chooseByTopic(read(conversation, names), candidates);
        });
      case 'agent selector':
        return groupChat({
          name: 'led',
          participants: this.#participants(),
          orchestrator: this.#lead((request) => select(request.messages, this.mind)),
          maxRounds: MAX_TURNS,
          until: textMention(ANSWER),
        });
      case 'handoff mesh':
        return this.#mesh();
      case 'Magentic':
        return this.#magentic(2, (manager) => manager);
      case 'Magentic, no stall detection':
        return this.#magentic(Infinity, (manager) => manager);
      case 'Magentic, wipes before it replans':
        return this.#magentic(2, forgetful);
    }
  }

  #chat(selectSpeaker: Parameters<typeof groupChat>[0]['selectSpeaker']): Workflow<string> {
    return groupChat({
      name: 'chat',
      participants: this.#participants(),
      selectSpeaker,
      maxRounds: MAX_TURNS,
      until: textMention(ANSWER),
    } as Parameters<typeof groupChat>[0]);
  }

  #magentic(
    maxStalls: number,
    wrap: (manager: MagenticManager) => MagenticManager,
  ): Workflow<string> {
    const agent = this.#lead((request) => manage(request, this.mind));
    return magentic({
      name: 'magentic',
      participants: this.#participants(),
      manager: () => wrap(counting(new StandardMagenticManager({ agent }), this.meter)),
      maxRounds: MAX_TURNS,
      maxStalls,
      maxReplans: 5,
      afterCompletion: 'newTask',
    });
  }

  #mesh(): Workflow<string> {
    const participants = this.world.specialists.map((specialist) =>
      this.#agent(specialist, (utterance, request) => this.#sendOn(specialist, utterance, request)),
    );
    const [start] = participants;
    if (start === undefined) throw new Error('A mesh needs somebody to start.');
    return handoff({ name: 'mesh', participants, start, maxHandoffs: MAX_TURNS });
  }

  /** Says it and sends the work to who should go on; keeps quiet where nothing is left to do. */
  #sendOn(
    { name }: Specialist,
    { text, nextTopic, sendTo }: Utterance,
    { messages, tools }: RecordedRequest,
  ): ScriptEntry {
    if (nextTopic === undefined || text.includes(ANSWER)) return text;
    const others = this.mind.candidates.filter((each) => each.name !== name);
    const reading = read(
      messages,
      this.mind.candidates.map((each) => each.name),
    );
    const step = { id: '', route: '', topic: nextTopic };
    const target = sendTo ?? candidateFor(step, reading, others);
    const tool = tools.find((each) => each.name === `handoff_to_${target}`);
    return tool === undefined ? text : [text, toolCall(tool.name)];
  }

  #participants(): Agent[] {
    return this.world.specialists.map((each) => this.#agent(each, ({ text }) => text));
  }

  #agent(
    specialist: Specialist,
    answer: (utterance: Utterance, request: RecordedRequest) => ScriptEntry,
  ): Agent {
    const { name, description } = specialist;
    const client = this.#metered((request) => {
      // After a handoff the agent is asked again, only for the tool's result.
      if (request.messages.at(-1)?.role === 'tool') return 'Over to you.';
      this.meter.turns += 1;
      const { world } = this;
      const utterance = speak(specialist, request.messages, { world, random: this.chanceOf(name) });
      const step = world.routes.flat().find(({ id }) => id === utterance.failed);
      if (step?.isClosed === true) this.meter.hasHitDeadEnd = true;
      return answer(utterance, request);
    });
    return new Agent({ name, description, client });
  }

  #lead(answer: (request: RecordedRequest) => ScriptEntry): Agent {
    return new Agent({ name: 'lead', client: this.#metered(answer) });
  }

  #metered(answer: (request: RecordedRequest) => ScriptEntry): ChatClient {
    const { meter } = this;
    return {
      stream(messages, options) {
        meter.modelCalls += 1;
        for (const message of messages) meter.deliveredCharacters += textOf(message).length;
        return scripted([answer]).stream(messages, options);
      },
    };
  }
}

/** The same manager, whose replans are counted. */
function counting(manager: MagenticManager, meter: Meter): MagenticManager {
  return overridden(manager, {
    replan: (context) => {
      meter.replans += 1;
      return manager.replan(context);
    },
  });
}

/** A manager that drops the conversation before it thinks about what went wrong in it. */
function forgetful(manager: MagenticManager): MagenticManager {
  return overridden(manager, {
    replan: (context) => manager.replan({ ...context, transcript: context.transcript.slice(0, 1) }),
  });
}

function overridden(manager: MagenticManager, own: Partial<MagenticManager>): MagenticManager {
  return {
    name: manager.name,
    plan: (context) => manager.plan(context),
    revisePlan: (context, feedback) => manager.revisePlan(context, feedback),
    replan: (context) => manager.replan(context),
    progress: (context) => manager.progress(context),
    finalAnswer: (context) => manager.finalAnswer(context),
    ...own,
  };
}
