import {
  chunks,
  type ScriptEntry,
  type ScriptedChatClient,
  scripted,
  toolCall,
} from '@colloquy/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineTool } from '../tools/define-tool.ts';
import { Agent } from './agent.ts';

const weather = defineTool({
  name: 'get_weather',
  description: 'Current weather in a city',
  input: z.object({ city: z.string() }),
  execute: ({ city }) => `sunny in ${city}`,
});

function guide(script: readonly ScriptEntry[]): { agent: Agent; model: ScriptedChatClient } {
  const model = scripted(script);
  return { agent: new Agent({ name: 'guide', client: model, tools: [weather] }), model };
}

/** Lets everything go on that waits for nothing but promises. */
async function settle(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

describe('agent.stream', () => {
  it('tells the answer chunk by chunk, and by whom', async () => {
    const { agent } = guide([chunks('Ride ', 'on.')]);
    const texts: string[] = [];

    for await (const { text, agentName } of agent.stream('go')) texts.push(`${agentName}: ${text}`);

    expect(texts).toEqual(['guide: Ride ', 'guide: on.', 'guide: ']);
  });

  it('starts at once, though nobody reads', async () => {
    const { agent, model } = guide(['Ride on.']);

    const stream = agent.stream('go');
    await settle();

    expect(model.requests).toHaveLength(1);
    expect((await stream.response).text).toBe('Ride on.');
  });

  it('can be read after the run has ended', async () => {
    const { agent } = guide([chunks('Ride ', 'on.')]);
    const stream = agent.stream('go');
    await stream.response;
    let text = '';

    for await (const update of stream) text += update.text;

    expect(text).toBe('Ride on.');
  });

  it('tells calls and results as they happen', async () => {
    const { agent } = guide([toolCall('get_weather', { city: 'Oslo' }), 'Sunny.']);
    const seen: string[] = [];

    for await (const { contents } of agent.stream('Weather?'))
      seen.push(...contents.map(({ type }) => type));

    expect(seen).toEqual(['function_call', 'usage', 'function_result', 'text', 'usage']);
  });

  it('resolves to what run resolves to', async () => {
    const script = [toolCall('get_weather', { city: 'Oslo' }), chunks('Sun', 'ny.')];

    const streamed = await guide(script).agent.stream('Weather?').response;

    expect(streamed).toEqual(await guide(script).agent.run('Weather?'));
  });

  it('has one reader', () => {
    const { agent } = guide(['Ride on.']);
    const stream = agent.stream('go');
    stream[Symbol.asyncIterator]();

    expect(() => stream[Symbol.asyncIterator]()).toThrow(
      expect.objectContaining({ code: 'agent/stream-already-read' }),
    );
  });

  it('throws what the run fails with where it is read, after what came before', async () => {
    const { agent } = guide([['Ride ', new Error('line cut')]]);
    const texts: string[] = [];

    const reading = (async () => {
      for await (const { text } of agent.stream('go')) texts.push(text);
    })();

    await expect(reading).rejects.toThrow('line cut');
    expect(texts).toEqual(['Ride ']);
  });

  it('bothers nobody with a failure that nobody looks at', async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', note);

    guide([new Error('service down')]).agent.stream('go');
    await settle();
    await settle();

    process.off('unhandledRejection', note);
    expect(rejections).toEqual([]);
  });

  it('cancels the run when its reader leaves, and waits until the session is free', async () => {
    const texts: string[] = [];
    const { agent } = guide([chunks('Ride ', 'on.'), 'again']);
    const session = agent.createSession();
    const stream = agent.stream('go', { session });

    for await (const update of stream) {
      texts.push(update.text);
      break;
    }

    expect(texts).toEqual(['Ride ']);
    await expect(agent.run('again', { session })).resolves.toMatchObject({ text: 'again' });
  });

  it('rejects the response of a run that its reader has left', async () => {
    const { agent } = guide([['Ride ', toolCall('get_weather', { city: 'Oslo' })], () => hang()]);
    const session = agent.createSession();
    const stream = agent.stream('go', { session });

    for await (const update of stream) if (update.role === 'tool') break;

    await expect(stream.response).rejects.toMatchObject({ name: 'AbortError' });
    expect(session.history).toEqual([]);
  });
});

function hang(): Promise<never> {
  return new Promise(() => {});
}
