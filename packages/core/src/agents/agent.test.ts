import { type ScriptEntry, type ScriptedChatClient, scripted, toolCall } from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Content } from '../messages/content.ts';
import { type Message, textMessage } from '../messages/message.ts';
import { defineTool } from '../tools/define-tool.ts';
import { type FunctionTool } from '../tools/tool.ts';
import { type ToolContext } from '../tools/tool-context.ts';
import { Agent, type AgentOptions } from './agent.ts';
import { AgentSession } from './agent-session.ts';

function tooled(
  execute: (context: ToolContext) => unknown,
  needsApproval = false,
): readonly FunctionTool[] {
  const input = z.object({ city: z.string() });
  return [
    defineTool({
      name: 'get_weather',
      description: 'Current weather in a city',
      input,
      needsApproval,
      execute: (_, context) => execute(context),
    }),
  ];
}

/** An agent on a script. */
function guide(
  script: readonly ScriptEntry[],
  options: Partial<AgentOptions> = {},
): { agent: Agent; model: ScriptedChatClient } {
  const model = scripted(script);
  return { agent: new Agent({ name: 'guide', client: model, ...options }), model };
}

function sentTo(model: ScriptedChatClient): (readonly Message[])[] {
  return model.requests.map(({ messages }) => messages);
}

const spoken = (text: string): Message => textMessage('assistant', text, 'guide');
const asked = (text: string): Message => textMessage('user', text);

describe('Agent', () => {
  it('answers with all that the run added', async () => {
    const { agent } = guide(['Ride on.']);

    expect(await agent.run('A slogan, please')).toEqual({
      agentName: 'guide',
      messages: [spoken('Ride on.')],
      text: 'Ride on.',
      usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
      value: undefined,
      approvalRequests: [],
      finishReason: 'stop',
    });
  });

  it('tells the model its instructions, tools, settings and session', async () => {
    const { agent, model } = guide(['ok'], {
      instructions: 'Be brief.',
      tools: tooled(() => 'sunny'),
      modelOptions: { temperature: 0, seed: 1, extra: { tier: 'low', user: 'a' } },
    });
    const session = new AgentSession({ id: 's1' });

    await agent.run('hi', { session, modelOptions: { seed: 2, extra: { user: 'b' } } });

    expect(model.requests).toEqual([
      {
        messages: [asked('hi')],
        instructions: 'Be brief.',
        tools: [expect.objectContaining({ name: 'get_weather' })],
        output: undefined,
        options: { temperature: 0, seed: 2, extra: { tier: 'low', user: 'b' } },
        sessionId: 's1',
      },
    ]);
  });

  it('gives tools the run they are called in', async () => {
    const given: Partial<ToolContext>[] = [];
    const { agent } = guide([toolCall('get_weather', { city: 'Oslo' }), 'Sunny.'], {
      tools: tooled(({ callId, agentName, sessionId, runContext }) =>
        given.push({ callId, agentName, sessionId, runContext }),
      ),
    });
    const session = new AgentSession({ id: 's1' });

    const response = await agent.run('Weather?', { session, runContext: { user: 'ada' } });

    expect(given).toEqual([
      { callId: 'call_1', agentName: 'guide', sessionId: 's1', runContext: { user: 'ada' } },
    ]);
    expect(response.messages.map(({ role, authorName }) => [role, authorName])).toEqual([
      ['assistant', 'guide'],
      ['tool', undefined],
      ['assistant', 'guide'],
    ]);
  });

  it('takes the text of the last message that has text', async () => {
    const { agent } = guide([['Let me see.', toolCall('get_weather', { city: 'Oslo' })]], {
      tools: tooled(() => 'sunny', true),
    });

    expect((await agent.run('Weather?')).text).toBe('Let me see.');
  });

  it('survives a model that says nothing', async () => {
    const { agent } = guide(['']);

    expect(await agent.run('hi')).toMatchObject({ messages: [], text: '', finishReason: 'stop' });
  });

  it('refuses to be made of what can never work, and names it all', () => {
    const [tool] = tooled(() => 1);
    const make = (): unknown =>
      Reflect.construct(Agent, [{ name: '', tools: [tool, tool], maxToolRounds: -1 }]);

    expect(make).toThrow(
      expect.objectContaining({
        name: 'ConfigurationError',
        code: 'agent/invalid-definition',
        message: expect.stringMatching(
          /a name .*a chat client .*get_weather" twice.*maxToolRounds/,
        ),
      }),
    );
  });

  it.each([[[]], ['']])('has nothing to say to %j in an empty session', async (input) => {
    const { agent, model } = guide(['ok']);

    const running = agent.run(input, { session: agent.createSession() });

    await expect(running).rejects.toMatchObject({ code: 'agent/empty-input' });
    expect(model.requests).toEqual([]);
  });
});

describe('Agent with a session', () => {
  it('goes on with the conversation', async () => {
    const { agent, model } = guide(['Hello Ada.', 'You are Ada.']);
    const session = agent.createSession();

    await agent.run('I am Ada.', { session });
    await agent.run('Who am I?', { session });

    const history = [asked('I am Ada.'), spoken('Hello Ada.'), asked('Who am I?')];
    expect(sentTo(model)).toEqual([history.slice(0, 1), history]);
    expect(session.history).toEqual([...history, spoken('You are Ada.')]);
  });

  it('keeps nothing between runs without one', async () => {
    const { agent, model } = guide(['a', 'b']);

    await agent.run('one');
    await agent.run('two');

    expect(sentTo(model)).toEqual([[asked('one')], [asked('two')]]);
  });

  it('lets a session speak for itself when nothing is added', async () => {
    const { agent, model } = guide(['Yes?']);
    const session = new AgentSession({ history: [asked('hello')] });

    await agent.run([], { session });

    expect(sentTo(model)).toEqual([[asked('hello')]]);
  });

  it('leaves the session as it was when the run fails, and can go on', async () => {
    const { agent } = guide([
      toolCall('get_weather', { city: 'Oslo' }),
      new Error('service down'),
      'Sunny.',
    ]);
    const session = agent.createSession();

    await expect(agent.run('Weather?', { session })).rejects.toThrow('service down');

    expect(session.history).toEqual([]);
    expect((await agent.run('Weather?', { session })).text).toBe('Sunny.');
  });

  it('refuses a second run on a busy session at once', async () => {
    const { agent, model } = guide(['one', 'two', 'three']);
    const session = agent.createSession();

    const first = agent.run('one', { session });
    const second = agent.run('two', { session });

    await expect(second).rejects.toMatchObject({
      name: 'SessionBusyError',
      code: 'session/busy',
      message: expect.stringContaining(session.id),
    });
    await first;
    expect(model.requests).toHaveLength(1);
    await expect(agent.run('three', { session })).resolves.toMatchObject({ text: 'two' });
  });

  it('asks for approval, and goes on with the answer after a trip through JSON', async () => {
    const { agent, model } = guide([toolCall('get_weather', { city: 'Oslo' }), 'Sunny.'], {
      tools: tooled(() => 'sun', true),
    });
    const session = agent.createSession();

    const waiting = await agent.run('Weather?', { session });
    const restored = AgentSession.fromJSON(JSON.parse(JSON.stringify(session)));
    const [request] = waiting.approvalRequests;
    const answer: Content = {
      type: 'function_approval_response',
      id: request?.id ?? '',
      approved: true,
    };
    const done = await agent.run({ role: 'user', contents: [answer] }, { session: restored });

    expect(request?.functionCall).toMatchObject({ name: 'get_weather' });
    expect(done.text).toBe('Sunny.');
    expect(done.approvalRequests).toEqual([]);
    expect(sentTo(model)[1]?.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool']);
    expect(restored.history.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'user',
      'tool',
      'assistant',
    ]);
  });

  it('changes nothing for an answer that nobody asked for', async () => {
    const { agent } = guide([toolCall('get_weather', { city: 'Oslo' })], {
      tools: tooled(() => 'sun', true),
    });
    const session = agent.createSession();
    await agent.run('Weather?', { session });
    const before = session.toJSON();
    const answer: Content = { type: 'function_approval_response', id: 'other', approved: true };

    const running = agent.run({ role: 'user', contents: [answer] }, { session });

    await expect(running).rejects.toMatchObject({ code: 'agent/approval' });
    expect(session.toJSON()).toEqual(before);
  });
});

describe('Agent with an output', () => {
  const output = z.object({ score: z.number() });

  it('tells the model the shape and gives the validated value', async () => {
    const { agent, model } = guide([{ score: 7 }]);

    const response = await agent.run('Rate it', { output });

    expect(response.value).toEqual({ score: 7 });
    expect(model.requests[0]?.output).toMatchObject({
      name: 'output',
      schema: { type: 'object', required: ['score'] },
    });
  });

  it('rejects when the answer does not fit, and leaves the session as it was', async () => {
    const { agent } = guide(['Seven.']);
    const session = agent.createSession();

    const running = agent.run('Rate it', { output, session });

    await expect(running).rejects.toMatchObject({ code: 'agent/invalid-output', text: 'Seven.' });
    expect(session.history).toEqual([]);
  });

  it('has no value yet while calls wait for approval', async () => {
    const { agent } = guide([toolCall('get_weather', { city: 'Oslo' })], {
      tools: tooled(() => 'sun', true),
    });

    expect(await agent.run('Rate it', { output })).toMatchObject({
      value: undefined,
      approvalRequests: [{ id: 'call_1' }],
    });
  });
});

describe('Agent, aborted', () => {
  it('asks no model when the signal has aborted', async () => {
    const { agent, model } = guide(['ok']);
    const signal = AbortSignal.abort('late');

    await expect(agent.run('hi', { signal })).rejects.toBe('late');
    await expect(agent.stream('hi', { signal }).response).rejects.toBe('late');

    expect(model.requests).toEqual([]);
  });

  it('rejects with the reason of the signal and leaves the session as it was', async () => {
    const controller = new AbortController();
    const { agent } = guide([
      async () => {
        controller.abort('enough');
        return 'too late';
      },
    ]);
    const session = agent.createSession();

    const running = agent.run('hi', { session, signal: controller.signal });

    await expect(running).rejects.toBe('enough');
    expect(session.history).toEqual([]);
  });

  it('gives tools a signal that follows the run', async () => {
    const controller = new AbortController();
    let seen: unknown;
    const { agent } = guide([toolCall('get_weather', { city: 'Oslo' })], {
      tools: tooled(({ signal }) => {
        signal.addEventListener('abort', () => (seen = signal.reason));
        controller.abort('enough');
        return new Promise(() => {});
      }),
    });

    await expect(agent.stream('hi', { signal: controller.signal }).response).rejects.toBe('enough');
    expect(seen).toBe('enough');
  });
});

describe('tools that a run lends', () => {
  const lend = (name: string): FunctionTool =>
    defineTool({ name, description: 'Lends', input: z.object({}), execute: () => 'lent' });

  it('are called beside the agent’s own, in that run only', async () => {
    const { agent, model } = guide([toolCall('borrow'), 'Done.', 'Hello.'], {
      tools: tooled(() => 'sunny'),
    });

    const { messages } = await agent.run('Go', { tools: [lend('borrow')] });
    await agent.run('Go');

    expect(model.requests.map(({ tools }) => tools.map(({ name }) => name))).toEqual([
      ['get_weather', 'borrow'],
      ['get_weather', 'borrow'],
      ['get_weather'],
    ]);
    expect(messages[1]?.contents).toMatchObject([{ result: 'lent' }]);
    expect(agent.tools.map(({ name }) => name)).toEqual(['get_weather']);
  });

  it('are refused with the name of another, before the model is asked', async () => {
    const { agent, model } = guide([], { tools: tooled(() => 'sunny') });

    await expect(agent.run('Go', { tools: [lend('get_weather')] })).rejects.toMatchObject({
      code: 'agent/invalid-definition',
    });
    expect(model.requests).toEqual([]);
  });
});
