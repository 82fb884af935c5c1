import {
  Agent,
  AgentSession,
  AgentUpdate,
  type Content,
  type Message,
  ToolApproval,
} from '@colloquy/core';
import { type ScriptEntry, scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

import { look, pay } from '../../test/handoff-world.ts';
import { HandoffAgent } from './handoff-agent.ts';
import { createHandoffTool, handoffTargetOf } from './handoff-tools.ts';
import { handoff } from './handoff.ts';

const handoffTools = [createHandoffTool('b', 'Bills'), createHandoffTool('c', '')];

/** An agent that can hand over to b and c, on a script. */
function build(...script: ScriptEntry[]) {
  const model = scripted(script);
  const agent = new Agent({ name: 'a', client: model, tools: [look, pay] });
  const handing = new HandoffAgent(agent, handoffTools);
  const session = handing.createSession();
  return { model, handing, session };
}

const toolContents = (messages: readonly Message[]): Content[] =>
  messages.flatMap(({ contents }) => contents.filter(({ type }) => type !== 'text'));

const call = (name: string, callId: string) => toolCall(name, {}, { callId });

describe('an agent that can hand over', () => {
  it('ends its turn at the call, which has its result at once', async () => {
    const { handing, session, model } = build(['Wait.', call('handoff_to_b', '1')]);

    const response = await handing.run('Hi', { session });

    expect(toolContents(response.messages)).toMatchObject([
      { type: 'function_call', callId: '1' },
      { type: 'function_result', callId: '1', result: { handoff_to: 'b' } },
    ]);
    expect([response.approvalRequests, response.text]).toEqual([[], 'Wait.']);
    expect(handoffTargetOf(response.messages, handoffTools)).toBe('b');
    expect(model.requests).toHaveLength(1);
  });

  it('A1: makes the first of several handoffs and tells the model of the others', async () => {
    const { handing, session, model } = build(
      [call('handoff_to_c', '1'), call('handoff_to_b', '2'), call('handoff_to_c', '3')],
      'Back.',
    );

    const response = await handing.run('Hi', { session });
    await handing.run('Again', { session });

    expect(handoffTargetOf(response.messages, handoffTools)).toBe('c');
    expect(toolContents(model.requests[1]?.messages ?? []).slice(3)).toEqual([
      { type: 'function_result', callId: '1', result: { handoff_to: 'c' } },
      {
        type: 'function_result',
        callId: '2',
        error: 'Not handed over to b: the same reply had handed the conversation over to c.',
      },
      {
        type: 'function_result',
        callId: '3',
        error: 'Not handed over to c: the same reply had handed the conversation over to c.',
      },
    ]);
  });

  it('A2: runs the other tools of the reply, wherever they stand', async () => {
    const { handing, session } = build([call('handoff_to_b', '1'), call('look', '2')]);

    const { messages } = await handing.run('Hi', { session });

    expect(toolContents(messages)).toMatchObject([
      { type: 'function_call', callId: '1' },
      { type: 'function_call', callId: '2' },
      { type: 'function_result', callId: '2', result: 'look done' },
      { type: 'function_result', callId: '1', result: { handoff_to: 'b' } },
    ]);
    expect(session.history.slice(1).flatMap(({ contents }) => contents)).toHaveLength(5);
  });

  it('lets the model try again after a tool that there is not', async () => {
    const { handing, session, model } = build(call('handoff_to_x', '1'), 'Sorry.');

    const response = await handing.run('Hi', { session });

    expect(response.text).toBe('Sorry.');
    expect(handoffTargetOf(response.messages, handoffTools)).toBeUndefined();
    expect(toolContents(model.requests[1]?.messages ?? [])[1]).toMatchObject({
      error: expect.stringContaining('There is no tool "handoff_to_x"'),
    });
  });

  it('takes the words of another tool for no handoff', () => {
    const messages: Message[] = [
      {
        role: 'assistant',
        contents: [{ type: 'function_call', callId: '1', name: 'look', arguments: {} }],
      },
      {
        role: 'tool',
        contents: [{ type: 'function_result', callId: '1', result: { handoff_to: 'b' } }],
      },
    ];

    expect(handoffTargetOf(messages, handoffTools)).toBeUndefined();
  });

  it('A3: streams what it says and does, without a question about a handoff', async () => {
    const { handing, session } = build(['Wait.', call('handoff_to_b', '1')]);
    const stream = handing.stream('Hi', { session });

    const types: string[] = [];
    for await (const { contents } of stream) types.push(...contents.map(({ type }) => type));

    expect(types).toEqual(['text', 'function_call', 'usage', 'function_result']);
    expect(session.history.at(-1)).toBe((await stream.response).messages.at(-1));
  });

  it('fails as the agent does, for those who read and those who wait', async () => {
    const { handing } = build(new Error('down'), new Error('down'));
    const stream = handing.stream('Hi');

    const read = async (): Promise<void> => {
      for await (const _ of stream);
    };

    await expect(read()).rejects.toThrow('down');
    await expect(stream.response).rejects.toThrow('down');
    await expect(handing.run('Hi')).rejects.toThrow('down');
  });

  it('is cancelled by leaving its stream', async () => {
    const { handing } = build(['One', 'two', call('handoff_to_b', '1')]);
    const stream = handing.stream('Hi');

    for await (const _ of stream) break;

    await expect(stream.response).rejects.toThrow('left');
  });
});

describe('a reply that hands over and calls a tool that needs approval', () => {
  const team = (...script: ScriptEntry[]) => {
    const a = scripted([[call('handoff_to_b', '1'), call('pay', '2')], ...script]);
    const b = scripted(['Hello from b.', 'And again.']);
    const built = handoff({
      participants: [
        new Agent({ name: 'a', client: a, tools: [pay] }),
        new Agent({ name: 'b', client: b }),
      ],
      start: 'a',
    });
    return { team: built, a, b };
  };

  it.each([
    [{ approve: true }, { result: 'pay done' }],
    [{ approve: false, reason: 'no' }, { error: 'The user declined this call: no.' }],
  ])('A2, A3: asks about the tool alone, and then hands over: %o', async (answer, result) => {
    const { team: built, a, b } = team('Back.');
    const { pendingRequests } = await built.run('Hi');

    const responses = { [pendingRequests[0]?.id ?? '']: answer };
    const { outputs } = await built.resume({ responses });
    const again = await built.run('More');

    expect(pendingRequests).toMatchObject([{ type: ToolApproval.tag, data: { name: 'pay' } }]);
    expect(outputs).toMatchObject([{ agentName: 'b', text: 'Hello from b.' }]);
    expect(b.requests[0]?.messages).toHaveLength(1);
    expect(again.outputs).toMatchObject([{ text: 'Back.' }]);
    expect(a.requests).toHaveLength(2);
    expect(toolContents(a.requests[1]?.messages ?? []).slice(2)).toMatchObject([
      { callId: '1', result: { handoff_to: 'b' } },
      { callId: '2', ...result },
    ]);
  });

  it('is not handed over where the user goes on in the meantime', async () => {
    const { team: built, a } = team('So you go on.');
    const { pendingRequests } = await built.run('Hi');
    await built.run('Something else');

    const responses = { [pendingRequests[0]?.id ?? '']: { approve: true } };
    const { outputs } = await built.resume({ responses });

    expect(outputs).toMatchObject([{ agentName: 'a', text: 'So you go on.' }]);
    expect(toolContents(a.requests[1]?.messages ?? []).slice(2)).toMatchObject([
      { callId: '1', error: expect.stringContaining('the conversation went on') },
      { callId: '2', result: 'pay done' },
    ]);
  });
});

describe('the pieces of a streamed handoff', () => {
  it('are told with their agents', async () => {
    const team = handoff({
      participants: [
        new Agent({ name: 'a', client: scripted([['Wait.', call('handoff_to_b', '1')]]) }),
        new Agent({ name: 'b', client: scripted(['Hello.']) }),
      ],
      start: 'a',
    });

    const told: string[] = [];
    for await (const event of team.stream('Hi')) {
      if (!AgentUpdate.is(event)) continue;
      const { agentName, contents } = event.update;
      told.push(...contents.map(({ type }) => `${agentName} ${type}`));
    }

    expect(told).toEqual([
      'a text',
      'a function_call',
      'a usage',
      'a function_result',
      'b text',
      'b usage',
    ]);
  });
});

describe('sessions', () => {
  it('that the caller supplied are used, and kept at reset with a warning; others are renewed', async () => {
    const session = new AgentSession({ id: 'mine' });
    const a = scripted([call('handoff_to_b', '1'), call('handoff_to_b', '2')]);
    const b = scripted(['One.', 'Two.']);
    const warnings: string[] = [];
    const team = handoff({
      participants: [
        { agent: new Agent({ name: 'a', client: a }), session },
        { agent: new Agent({ name: 'b', client: b }) },
      ],
      start: 'a',
      logger: { warn: (message) => warnings.push(message), debug: () => {} },
    });
    await team.run('First');

    await team.resetForNewRun();
    await team.run('Second');

    expect(a.requests.map(({ sessionId }) => sessionId)).toEqual(['mine', 'mine']);
    expect(JSON.stringify(a.requests[1])).toContain('First');
    expect(b.requests[0]?.sessionId).not.toBe(b.requests[1]?.sessionId);
    expect(JSON.stringify(b.requests[1])).not.toContain('First');
    expect(warnings).toEqual([expect.stringContaining('Executor "a" keeps session "mine"')]);
  });
});
