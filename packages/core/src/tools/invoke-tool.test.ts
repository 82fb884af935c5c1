import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type FunctionCallContent, type FunctionResultContent } from '../messages/content.ts';
import { defineTool } from './define-tool.ts';
import { invokeTool, prepareCall } from './invoke-tool.ts';
import { type ToolContext } from './tool-context.ts';

const call: FunctionCallContent = {
  type: 'function_call',
  callId: 'call_1',
  name: 'echo',
  arguments: { text: 'hi' },
};

function contextOf(signal: AbortSignal = new AbortController().signal): ToolContext {
  return { signal, callId: 'call_1', agentName: 'a', sessionId: 's', runContext: { user: 'ada' } };
}

/** Runs `call` by a tool that does this. */
async function invoke(
  execute: (args: { text: string }, context: ToolContext) => unknown,
  context: ToolContext = contextOf(),
): Promise<FunctionResultContent> {
  const input = z.object({ text: z.string() });
  const tool = defineTool({ name: 'echo', description: 'Echoes', input, execute });
  const ready = await prepareCall(call, [tool]);
  return ready.type === 'ready_call' ? invokeTool(ready, context) : ready;
}

describe('invokeTool', () => {
  it('gives the tool its arguments and context, and the model the result', async () => {
    const context = contextOf();

    const result = await invoke(
      ({ text }, given) => ({ text, isSame: given === context }),
      context,
    );

    expect(result).toEqual({
      type: 'function_result',
      callId: 'call_1',
      result: { text: 'hi', isSame: true },
    });
  });

  it('tells the model what a tool throws or rejects with', async () => {
    const thrown = await invoke(() => {
      throw new Error('no such city');
    });
    const rejected = await invoke(async () => Promise.reject(new TypeError('nor that one')));

    expect([thrown, rejected]).toEqual([
      { type: 'function_result', callId: 'call_1', error: 'no such city' },
      { type: 'function_result', callId: 'call_1', error: 'nor that one' },
    ]);
  });

  it('tells the model that a result cannot be told', async () => {
    expect(await invoke(() => new Map())).toEqual({
      type: 'function_result',
      callId: 'call_1',
      error:
        'Expected "echo" to return what JSON can carry, got a Map as the result. Return text, or plain objects and lists.',
    });
  });

  it('takes a timeout of the tool itself for a failure of the tool', async () => {
    const result = await invoke(() => {
      throw new DOMException('too slow', 'AbortError');
    });

    expect(result).toMatchObject({ error: 'too slow' });
  });

  it('rejects with the reason when the run is aborted, though the tool does not heed it', async () => {
    const controller = new AbortController();

    const running = invoke(() => {
      queueMicrotask(() => controller.abort('enough'));
      return new Promise(() => {});
    }, contextOf(controller.signal));

    await expect(running).rejects.toBe('enough');
  });

  it('does not start a tool once the run is aborted', async () => {
    let hasRun = false;

    const running = invoke(() => (hasRun = true), contextOf(AbortSignal.abort('enough')));

    await expect(running).rejects.toBe('enough');
    expect(hasRun).toBe(false);
  });
});

describe('prepareCall', () => {
  it('answers a call of an unknown tool with those that there are', async () => {
    const input = z.object({});
    const tools = ['one', 'two'].map((name) =>
      defineTool({ name, description: 'x', input, execute: () => 1 }),
    );

    expect([await prepareCall(call, tools), await prepareCall(call, [])]).toEqual([
      {
        type: 'function_result',
        callId: 'call_1',
        error: 'There is no tool "echo". There are: one, two.',
      },
      {
        type: 'function_result',
        callId: 'call_1',
        error: 'There is no tool "echo". There are no tools.',
      },
    ]);
  });

  it('answers arguments that do not fit with what is wrong', async () => {
    const input = z.object({ text: z.number() });
    const tool = defineTool({ name: 'echo', description: 'x', input, execute: () => 1 });

    expect(await prepareCall(call, [tool])).toEqual({
      type: 'function_result',
      callId: 'call_1',
      error: expect.stringContaining('The arguments of "echo" do not fit: text:'),
    });
  });
});
