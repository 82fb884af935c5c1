import {
  Agent,
  type AgentResponse,
  defineExecutor,
  MemoryCheckpointStore,
  type Message,
  subWorkflow,
  textOf,
  WorkflowBuilder,
} from '@colloquy/core';
import { type ScriptEntry, scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

import { pay } from '../../test/handoff-world.ts';
import { maxMessages } from '../termination/max-messages.ts';
import { HandoffOrchestrator } from './handoff-orchestrator.ts';
import { handoff, type HandoffOptions } from './handoff.ts';

const to = (name: string): ScriptEntry => toolCall(`handoff_to_${name}`);

const textsOf = (messages: readonly Message[] | undefined): string[] =>
  (messages ?? []).map(textOf).filter((text) => text !== '');

/** A team of a, who begins, and b, on scripts. */
function pair(
  scripts: Readonly<Record<'a' | 'b', readonly ScriptEntry[]>>,
  options: Partial<HandoffOptions> = {},
) {
  const [a, b] = [scripted(scripts.a), scripted(scripts.b)];
  const participants = [new Agent({ name: 'a', client: a }), new Agent({ name: 'b', client: b })];
  return { a, b, team: handoff({ participants, start: 'a', ...options }) };
}

const idOf = ({ pendingRequests }: { pendingRequests: readonly { readonly id: string }[] }) =>
  pendingRequests.at(-1)?.id ?? '';

describe('a handoff whose run was interrupted', () => {
  it.each(['executor_completed', 'superstep_completed', 'handoff_sent'])(
    'H2: gives everybody everything once, when left at the first %s',
    async (type) => {
      const { team, a, b } = pair({ a: [to('b'), to('b')], b: ['One.', 'Two.'] });

      for await (const event of team.stream('ONE')) if (event.type === type) break;
      await team.run('TWO');

      expect(textsOf(a.requests.at(-1)?.messages)).toEqual(['ONE', 'TWO']);
      expect(textsOf(b.requests.at(-1)?.messages).filter((text) => text !== 'One.')).toEqual([
        'ONE',
        'TWO',
      ]);
    },
  );

  it('H1: goes on with the same answer when the agent had failed', async () => {
    const { team, a } = pair({ a: ['Which?', new Error('down'), 'Done.'], b: [] });
    const asked = await team.run('Hi');

    const responses = { [idOf(asked)]: { text: 'This.' } };
    await expect(team.resume({ responses })).rejects.toThrow('down');
    const { outputs } = await team.run('Still there?');

    expect(outputs).toMatchObject([{ text: 'Done.' }]);
    expect(textsOf(a.requests[2]?.messages)).toEqual(['Hi', 'Which?', 'This.', 'Still there?']);
  });

  it('lets the user answer an earlier question after a run that was left', async () => {
    const { team, b, a } = pair({ a: [to('b'), 'Lost.'], b: ['Which?', 'Done.'] });
    const asked = await team.run('Hi');
    for await (const event of team.stream('More')) if (event.type === 'agent_update') break;

    const { outputs } = await team.resume({ responses: { [idOf(asked)]: { text: 'This.' } } });

    expect(outputs).toMatchObject([{ agentName: 'b', text: 'Done.' }]);
    expect(textsOf(b.requests[1]?.messages)).toEqual(['Hi', 'Which?', 'More', 'This.']);
    expect(a.requests).toHaveLength(2);
  });
});

describe('several answers at once', () => {
  it('H3: are read one after another, each by who is at work', async () => {
    const { team, a, b } = pair({
      a: [to('b'), 'A asks.', 'A again.'],
      b: ['B asks.', 'B has read both.', 'B once more.'],
    });
    const first = await team.run('Hi');
    const second = await team.run('More');

    const { outputs, pendingRequests } = await team.resume({
      responses: { [idOf(first)]: { text: 'For b' }, [idOf(second)]: { text: 'For a' } },
    });

    expect(outputs).toHaveLength(2);
    expect(pendingRequests).toHaveLength(1);
    const [asked] = outputs.map(({ agentName }) => agentName);
    const model = asked === 'a' ? a : b;
    expect(textsOf(model.requests.at(-1)?.messages)).toEqual(
      expect.arrayContaining(['Hi', 'More', 'For a', 'For b']),
    );
  });

  /** b waits for an approval, and the conversation has gone on with a, who has asked. */
  const waitingTeam = async (a: readonly ScriptEntry[], b: readonly ScriptEntry[]) => {
    const model = scripted([toolCall('pay'), ...b]);
    const team = handoff({
      participants: [
        new Agent({ name: 'a', client: scripted([to('b'), 'Bye.', ...a]) }),
        new Agent({ name: 'b', client: model, tools: [pay] }),
      ],
      start: 'a',
    });
    const waiting = await team.run('Hi');
    const asked = await team.run('More');
    return { team, model, approval: idOf(waiting), question: idOf(asked) };
  };

  it('an agent that waited for an approval has its turn where nobody else has, and reads on', async () => {
    const { team, model, approval, question } = await waitingTeam([], ['Paid it.', 'I see.']);

    const { outputs, pendingRequests } = await team.resume({
      responses: { [approval]: { approve: true }, [question]: { end: true } },
    });

    expect(outputs.map(({ agentName, text }) => [agentName, text])).toEqual([
      ['b', 'Paid it.'],
      ['b', 'I see.'],
    ]);
    expect(textsOf(model.requests[2]?.messages)).toEqual(['Hi', 'Paid it.', 'More', 'Bye.']);
    expect(pendingRequests).toMatchObject([{ data: { participant: 'b', text: 'I see.' } }]);
  });

  it('H3: it is only heard where another has the turn', async () => {
    const { team, approval, question } = await waitingTeam(['So?', 'It is paid.'], ['Paid it.']);

    const { outputs, pendingRequests } = await team.resume({
      responses: { [approval]: { approve: true }, [question]: { text: 'Well?' } },
    });

    expect(outputs.map(({ agentName, text }) => [agentName, text])).toEqual([
      ['b', 'Paid it.'],
      ['a', 'So?'],
      ['a', 'It is paid.'],
    ]);
    expect(pendingRequests).toMatchObject([{ data: { participant: 'a', text: 'It is paid.' } }]);
  });
});

describe('a handoff with checkpoints', () => {
  it('goes on in another process with the answer', async () => {
    const store = new MemoryCheckpointStore();
    const scripts = { a: [to('b')], b: ['Which?', 'Done.'] };
    const { threadId, ...asked } = await pair(scripts, { checkpoints: store }).team.run('Hi');
    const elsewhere = pair({ a: [], b: ['Done.'] }, { checkpoints: store });

    const responses = { [idOf(asked)]: { text: 'This.' } };
    const { outputs } = await elsewhere.team.resume({ threadId, responses });

    expect(outputs).toMatchObject([{ text: 'Done.' }]);
    expect(textsOf(elsewhere.b.requests[0]?.messages)).toEqual(['Hi', 'Which?', 'This.']);
  });

  it('refuses what is no state of a handoff', () => {
    const orchestrator = new HandoffOrchestrator({
      start: 'a',
      tools: new Map(),
      maxHandoffs: 1,
      until: maxMessages(1),
      autonomous: undefined,
      returnToPrevious: false,
    });

    for (const saved of [undefined, {}, { state: { chat: {} } }, { state: 'x' }]) {
      expect(() => orchestrator.onCheckpointRestore(saved)).toThrow(
        expect.objectContaining({ code: 'handoff/invalid-checkpoint' }),
      );
    }
    orchestrator.onCheckpointRestore(orchestrator.onCheckpointSave());
  });
});

describe('a fork', () => {
  it('is another conversation with sessions of its own', async () => {
    const { team, a } = pair({ a: ['One.', 'Two.'], b: [] });
    await team.run('First');

    await team.fork().run('Second');

    expect(textsOf(a.requests[1]?.messages)).toEqual(['Second']);
    expect(a.requests[0]?.sessionId).not.toBe(a.requests[1]?.sessionId);
  });
});

describe('a handoff as an agent', () => {
  it('asks as a call, and takes the answer as its result', async () => {
    const { team } = pair({ a: [to('b')], b: ['Which?', 'Done.'] });
    const desk = team.asAgent();
    const session = desk.createSession();

    const asked = await desk.run('Hi', { session });
    const question = asked.messages
      .flatMap(({ contents }) => contents)
      .find((content) => content.type === 'function_call' && content.name === 'user_turn');
    const callId = question?.type === 'function_call' ? question.callId : '';
    const answer: Message = {
      role: 'tool',
      contents: [{ type: 'function_result', callId, result: { text: 'This.' } }],
    };
    const done = await desk.run([answer], { session });

    expect(question).toMatchObject({ arguments: { participant: 'b', text: 'Which?' } });
    expect(done.text).toBe('Done.');
  });

  it('goes on in plain words', async () => {
    const { team, b } = pair({ a: [to('b')], b: ['Which?', 'Done.'] }, { returnToPrevious: true });
    const desk = team.asAgent();
    const session = desk.createSession();
    await desk.run('Hi', { session });

    const { text } = await desk.run('This.', { session });

    expect(text).toBe('Done.');
    expect(textsOf(b.requests[1]?.messages)).toEqual(['Hi', 'Which?', 'This.']);
  });
});

describe('a handoff in a sub-workflow', () => {
  const last = defineExecutor('last', (reply: AgentResponse, ctx) => ctx.yield(reply.text));
  const build = (script: readonly ScriptEntry[]) => {
    const { team, a } = pair({ a: script, b: [] });
    const desk = subWorkflow(team, { id: 'desk' });
    const outer = new WorkflowBuilder({ name: 'outer', start: desk }).addEdge(desk, last).build();
    return { outer, a };
  };

  it('asks the outer caller, and its replies go on', async () => {
    const { outer } = build(['Which?', 'Done.']);
    const asked = await outer.run('Hi');

    const done = await outer.resume({ responses: { [idOf(asked)]: { text: 'This.' } } });

    expect(asked.pendingRequests).toMatchObject([{ type: 'user_turn' }]);
    expect([asked.outputs, done.outputs]).toEqual([['Which?'], ['Done.']]);
  });

  it('begins anew when the outer workflow is reset, and the old question is stale', async () => {
    const { outer, a } = build(['Which?', 'What else?']);
    const asked = await outer.run('First');

    await outer.resetForNewRun();
    const late = outer.resume({ responses: { [idOf(asked)]: { text: 'This.' } } });

    await expect(late).rejects.toMatchObject({ code: 'request/stale' });
    await outer.run('Second');
    expect(textsOf(a.requests[1]?.messages)).toEqual(['Second']);
  });
});
