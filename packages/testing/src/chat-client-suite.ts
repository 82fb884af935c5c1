import assert from 'node:assert/strict';

import {
  type ChatClient,
  ChatClientError,
  type ChatResponse,
  collectChatResponse,
  type Content,
  type Message,
  textMessage,
  textOf,
  type ToolSpec,
} from '@colloquy/core';

import { type ConformanceCase } from './checkpoint-store-suite.ts';
import { type FaultyOptions } from './faults/faulty.ts';
import { type RecordedRequest } from './recorded-request.ts';
import { chunks, type ScriptEntry, toolCall } from './script-entry.ts';

/** What the model behind a client is to do. */
export interface SuiteModel {
  /** Its answers, one a request. */
  readonly script: readonly ScriptEntry[];
  /** What it and its service do wrong; only where a case wants that. */
  readonly faults?: FaultyOptions;
}

/** A client, and the model behind it. */
export interface ConnectedClient {
  readonly client: ChatClient;
  /** What the model was asked; without it the suite cannot check that everything arrives. */
  readonly requests?: readonly RecordedRequest[];
  /** Ends what the connection needs. */
  readonly close?: () => void | Promise<void>;
}

/**
 * Connects a client to a model that does as the suite says, such as the one of `fakeOpenAI(script, faults)`.
 *
 * The client sends no failed request again.
 */
export type ConnectClient = (model: SuiteModel) => ConnectedClient | Promise<ConnectedClient>;

/**
 * The promises of `ChatClient` as cases for any test runner:
 * `for (const { name, run } of chatClientSuite(connect)) test(name, run)`.
 */
export function chatClientSuite(connect: ConnectClient): readonly ConformanceCase[] {
  return Object.entries(CASES).map(([name, { model, check }]) => ({
    name,
    run: async () => {
      const connected = await connect(model);
      try {
        await check(connected);
      } finally {
        await connected.close?.();
      }
    },
  }));
}

interface ClientCase {
  readonly model: SuiteModel;
  readonly check: (connected: ConnectedClient) => Promise<void>;
}

const HELLO = [textMessage('user', 'Hello')];
const LOOK: ToolSpec = {
  name: 'look',
  description: 'Looks somewhere.',
  parameters: { type: 'object', properties: { at: { type: 'string' } } },
};
const LONG = Array.from({ length: 300 }, (_, index) => `${index} ünï ☃ 🎈`);

const ask = (client: ChatClient): Promise<ChatResponse> => collectChatResponse(client, HELLO);

function contentsOf({ messages }: ChatResponse): Content[] {
  return messages.flatMap(({ contents }) => contents);
}

function callsOf(response: ChatResponse): { name: string; args: unknown; id: string }[] {
  return contentsOf(response).flatMap((content) => {
    if (content.type !== 'function_call') return [];
    const { name, callId: id, arguments: args } = content;
    return [{ name, args: typeof args === 'string' ? JSON.parse(args) : args, id }];
  });
}

function shapeOf({ role, contents }: Message): readonly unknown[] {
  return [role, contents.map(({ type }) => type)];
}

/** A service that does the same wrong with every request. */
function failing(fault: 'rate-limit' | 'server-error' | 'cut-stream'): SuiteModel {
  return { script: ['an answer of some length'], faults: { plan: () => fault, retryAfterMs: 1 } };
}

function failsWith(code: string): ClientCase['check'] {
  return ({ client }) =>
    assert.rejects(ask(client), (error) => {
      assert.ok(
        ChatClientError.isInstance(error),
        `expected a ChatClientError, got ${String(error)}`,
      );
      assert.deepEqual([error.code, error.retryable], [code, true]);
      return true;
    });
}

const CASES: Readonly<Record<string, ClientCase>> = {
  'streams the text as it comes': {
    model: { script: [chunks('Ri', 'de', ' on')] },
    check: async ({ client }) => {
      const texts: string[] = [];
      for await (const update of client.stream(HELLO)) texts.push(textOf(update));
      assert.equal(texts.join(''), 'Ride on');
      assert.ok(texts.length > 1, 'expected several updates, got one');
    },
  },
  'loses nothing of a long answer': {
    model: { script: [chunks(...LONG)] },
    check: async ({ client }) => {
      assert.equal((await ask(client)).text, LONG.join(''));
    },
  },
  'says why the model stopped': {
    model: { script: ['done', toolCall('look')] },
    check: async ({ client }) => {
      const reasons = [(await ask(client)).finishReason, (await ask(client)).finishReason];
      assert.deepEqual(reasons, ['stop', 'tool_calls']);
    },
  },
  'tells what it cost, or nothing': {
    model: { script: ['two words'] },
    check: async ({ client }) => {
      const { inputTokens, outputTokens, totalTokens } = (await ask(client)).usage;
      assert.ok(totalTokens >= inputTokens + outputTokens);
    },
  },
  'gives an answer without words': {
    model: { script: [[]] },
    check: async ({ client }) => {
      assert.equal((await ask(client)).text, '');
    },
  },
  'gives a call of a tool with its arguments': {
    model: { script: [toolCall('look', { at: 'the "sea" ☃', deep: { list: [1, null] } })] },
    check: async ({ client }) => {
      const [call, ...others] = callsOf(
        await collectChatResponse(client, HELLO, { tools: [LOOK] }),
      );
      assert.deepEqual(others, []);
      assert.equal(call?.name, 'look');
      assert.deepEqual(call?.args, { at: 'the "sea" ☃', deep: { list: [1, null] } });
      assert.notEqual(call?.id, '');
    },
  },
  'gives several calls of one answer, each with an id of its own': {
    model: {
      script: [['let me see', toolCall('look', { at: 'a' }), toolCall('look', { at: 'b' })]],
    },
    check: async ({ client }) => {
      const response = await collectChatResponse(client, HELLO, { tools: [LOOK] });
      const calls = callsOf(response);
      assert.deepEqual(
        calls.map(({ args }) => args),
        [{ at: 'a' }, { at: 'b' }],
      );
      assert.equal(new Set(calls.map(({ id }) => id)).size, 2);
      assert.equal(response.text, 'let me see');
    },
  },
  'gives an answer of a shape as text': {
    model: { script: [{ x: 1 }] },
    check: async ({ client }) => {
      const schema = {
        type: 'object',
        properties: { x: { type: 'number' } },
        required: ['x'],
        additionalProperties: false,
      };
      const output = { name: 'point', schema };
      const { text } = await collectChatResponse(client, HELLO, { output });
      assert.deepEqual(JSON.parse(text), { x: 1 });
    },
  },
  'sends everything that it is given, in order': {
    model: { script: ['ok'] },
    check: async ({ client, requests }) => {
      const messages = [
        textMessage('user', 'Look at a'),
        {
          role: 'assistant' as const,
          contents: [
            { type: 'function_call' as const, callId: 'c1', name: 'look', arguments: { at: 'a' } },
          ],
        },
        {
          role: 'tool' as const,
          contents: [{ type: 'function_result' as const, callId: 'c1', result: 'nothing' }],
        },
        textMessage('assistant', 'Nothing there.'),
        textMessage('user', 'Look again'),
      ];
      await collectChatResponse(client, messages, { instructions: 'Be brief.', tools: [LOOK] });
      if (requests === undefined) return;
      const [request] = requests;
      assert.equal(request?.instructions, 'Be brief.');
      assert.deepEqual(
        request.tools.map(({ name }) => name),
        ['look'],
      );
      assert.deepEqual(request.messages.map(shapeOf), messages.map(shapeOf));
    },
  },
  'keeps nothing between requests': {
    model: { script: ['one', 'two'] },
    check: async ({ client, requests = [] }) => {
      await ask(client);
      await ask(client);
      for (const { messages } of requests) assert.equal(messages.length, 1);
    },
  },
  'answers several requests at once': {
    model: {
      script: Array.from(
        { length: 6 },
        () =>
          ({ messages }) =>
            chunks('heard ', textOf(messages.at(-1) ?? { contents: [] })),
      ),
    },
    check: async ({ client }) => {
      const numbers = Array.from({ length: 6 }, (_, index) => `number ${index}`);
      const answers = numbers.map((text) =>
        collectChatResponse(client, [textMessage('user', text)]),
      );
      assert.deepEqual(
        (await Promise.all(answers)).map(({ text }) => text),
        numbers.map((text) => `heard ${text}`),
      );
    },
  },
  'changes nothing of what it is given': {
    model: { script: ['ok'] },
    check: async ({ client }) => {
      const options = deepFrozen({ instructions: 'Be brief.', tools: [LOOK] });
      await collectChatResponse(client, deepFrozen([textMessage('user', 'Hello')]), options);
    },
  },
  'asks nobody where the signal has aborted': {
    model: { script: ['never'] },
    check: async ({ client, requests = [] }) => {
      const signal = AbortSignal.abort('enough');
      await assert.rejects(drain(client, signal), is('enough'));
      assert.equal(requests.length, 0);
    },
  },
  'ends with the reason of the signal when that aborts': {
    model: { script: [() => new Promise(() => {})] },
    check: async ({ client }) => {
      const controller = new AbortController();
      const asked = drain(client, controller.signal);
      setImmediate(() => controller.abort('enough'));
      await assert.rejects(asked, is('enough'));
    },
  },
  'may be left in the middle, and asked again': {
    model: { script: [chunks('a', 'b', 'c'), 'whole'] },
    check: async ({ client }) => {
      for await (const update of client.stream(HELLO)) if (textOf(update) !== '') break;
      assert.equal((await ask(client)).text, 'whole');
    },
  },
  'says so when there are too many requests': {
    model: failing('rate-limit'),
    check: failsWith('chat-client/rate-limit'),
  },
  'says so when the service fails': {
    model: failing('server-error'),
    check: failsWith('chat-client/server'),
  },
  'does not take half an answer for a whole one': {
    model: failing('cut-stream'),
    check: failsWith('chat-client/interrupted'),
  },
};

async function drain(client: ChatClient, signal: AbortSignal): Promise<void> {
  for await (const update of client.stream(HELLO, { signal })) assert.ok(update);
}

function is(reason: unknown): (error: unknown) => boolean {
  return (error) => error === reason;
}

function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const each of Object.values(value)) deepFrozen(each);
  return Object.freeze(value);
}
