import { Agent, AgentSession, type ChatClient, defineTool } from '@colloquy/core';
import {
  BaseGroupChatOrchestrator,
  groupChat,
  type GroupChatView,
  maxMessages,
  roundRobin,
  textMention,
} from '@colloquy/orchestrations';
import { scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

const weather = defineTool({
  name: 'get_weather',
  description: 'Current weather in a city',
  input: z.object({ city: z.string() }),
  needsApproval: false,
  execute: async ({ city }, { signal }) => `sunny in ${city}${signal.aborted ? '!' : ''}`,
});

function guide(client: ChatClient): Agent {
  return new Agent({
    name: 'guide',
    description: 'Knows cities',
    instructions: 'Be brief.',
    client,
    tools: [weather],
  });
}

describe('an agent', () => {
  it('calls its tools and answers', async () => {
    const model = scripted([toolCall('get_weather', { city: 'Oslo' }), 'Sunny.']);

    const response = await guide(model).run('Weather in Oslo?');

    expect(response.text).toBe('Sunny.');
    expect(response.messages.map(({ role }) => role)).toEqual(['assistant', 'tool', 'assistant']);
    expect(response.usage.totalTokens).toBeGreaterThan(0);
    model.assertExhausted();
  });

  it('streams its answer', async () => {
    let text = '';

    for await (const update of guide(scripted(['Rain.'])).stream('And Rome?')) text += update.text;

    expect(text).toBe('Rain.');
  });

  it('remembers what a session holds, also after a round trip through JSON', async () => {
    const model = scripted(['Hello Ada.', 'Ada.', 'Still Ada.']);
    const agent = guide(model);
    const session = agent.createSession();

    await agent.run('My name is Ada.', { session });
    await agent.run('What is my name?', { session, signal: AbortSignal.timeout(10_000) });
    const restored = AgentSession.fromJSON(JSON.parse(JSON.stringify(session)));
    await agent.run('And now?', { session: restored });

    expect(restored.id).toBe(session.id);
    expect(model.requests.map(({ messages }) => messages.length)).toEqual([1, 3, 5]);
  });

  it('answers with a validated value', async () => {
    const typed = await guide(scripted([{ score: 7 }])).run('Rate it', {
      output: z.object({ score: z.number() }),
    });

    expect(typed.value.score.toFixed(1)).toBe('7.0');
  });
});

describe('a group chat', () => {
  const team = (script: readonly string[]) => {
    const client = scripted(script);
    return [new Agent({ name: 'writer', client }), new Agent({ name: 'critic', client })] as const;
  };

  it('lets a function choose, stops for a reason, and starts clean after a reset', async () => {
    const chat = groupChat({
      name: 'slogan',
      participants: team(['Ride on.', 'Hm.', 'Ride further.', 'APPROVED', 'Bake on.', 'APPROVED']),
      selectSpeaker: ({ round, participants, conversation }) =>
        participants.length === 2 && conversation.length > 0 && round % 2 === 0
          ? 'writer'
          : 'critic',
      maxRounds: 6,
      until: textMention('APPROVED').or(maxMessages(20)),
    });

    const first = await chat.run('A slogan for a bicycle');
    await chat.resetForNewRun();
    const second = await chat.run('A slogan for a bakery');

    expect(first.outputs.map(({ text }) => text)).toEqual([
      'Ride on.',
      'Hm.',
      'Ride further.',
      'APPROVED',
    ]);
    expect(first.stopReason.code).toBe('until');
    expect(second.outputs.map(({ text }) => text)).toEqual(['Bake on.', 'APPROVED']);
  });

  it('lets everybody speak in turn', async () => {
    const chat = groupChat({
      participants: team(['a', 'b', 'c']),
      selectSpeaker: roundRobin(),
      maxRounds: 3,
    });

    const { outputs } = await chat.run('Talk');

    expect(outputs.map(({ agentName }) => agentName)).toEqual(['writer', 'critic', 'writer']);
  });

  it('lets an agent choose, in a session of the caller', async () => {
    const lead = new Agent({
      name: 'lead',
      client: scripted([
        { terminate: false, reason: 'start', next_speaker: 'critic', final_message: null },
        { terminate: true, reason: 'done', next_speaker: null, final_message: 'That is all.' },
      ]),
    });
    const session = lead.createSession();
    const chat = groupChat({
      participants: team(['Fine.']),
      orchestrator: { agent: lead, session, retries: 3 },
    });

    const { outputs, stopReason } = await chat.run('Judge');

    expect(outputs.map(({ text }) => text)).toEqual(['Fine.', 'That is all.']);
    expect(stopReason).toEqual({ code: 'orchestrator', detail: 'done' });
    expect(session.history.length).toBeGreaterThan(0);
  });

  it('takes an orchestrator of one’s own, which clears its own state at reset', async () => {
    const debates: Debate[] = [];
    class Debate extends BaseGroupChatOrchestrator {
      #scores = new Map<string, number>();
      get scored(): number {
        return this.#scores.size;
      }
      protected override async nextSpeaker(view: GroupChatView) {
        const name = view.participants[view.round % 2]?.name ?? null;
        if (name !== null) this.#scores.set(name, view.round);
        return name;
      }
      protected override _resetPatternState() {
        this.#scores.clear();
      }
    }
    const chat = groupChat({
      participants: team(['x', 'y']),
      orchestrator: () => {
        const debate = new Debate({ maxRounds: 2 });
        debates.push(debate);
        return debate;
      },
    });

    await chat.run('Debate');
    const scored = debates.map((debate) => debate.scored);
    await chat.resetForNewRun();

    expect(Math.max(...scored)).toBe(2);
    expect(debates.map((debate) => debate.scored)).toEqual(debates.map(() => 0));
    expect(debates.flatMap((debate) => debate.conversation)).toEqual([]);
  });
});
