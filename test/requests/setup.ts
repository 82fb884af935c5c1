/**
 * Checks every request that a scripted model gets in any test by the rules of `request-rules.ts`.
 *
 * A test fails at its end, so that nothing changes while it runs; not even the time that an answer takes.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

import { Agent, type ChatResponseUpdate, textOf } from '@colloquy/core';
import { ScriptedChatClient } from '@colloquy/testing';
import { afterEach, beforeEach } from 'vitest';

import { callKey, problemsOfRequest, type Said } from './request-rules.ts';

const speaking = new AsyncLocalStorage<string>();
let said: Said = { texts: new Map(), calls: new Map() };
let problems: string[] = [];

for (const method of ['run', 'stream'] as const) {
  const original: (this: Agent, ...args: never[]) => unknown = Agent.prototype[method];
  Object.defineProperty(Agent.prototype, method, {
    value(this: Agent, ...args: never[]): unknown {
      return speaking.run(this.name, () => Reflect.apply(original, this, args));
    },
  });
}

type Stream = ScriptedChatClient['stream'];
const stream: (this: ScriptedChatClient, ...args: Parameters<Stream>) => ReturnType<Stream> =
  ScriptedChatClient.prototype['stream'];

ScriptedChatClient.prototype.stream = function checked(messages, options) {
  const agent = speaking.getStore();
  const { texts, calls } = said;
  problems.push(...problemsOfRequest({ messages, agent }, said));
  const answer = stream.call(this, messages, options);
  const next = answer.next.bind(answer);
  let text = '';
  const note = ({ done, value }: IteratorResult<ChatResponseUpdate, void>): void => {
    if (done === true) {
      texts.set(text, (texts.get(text) ?? 0) + 1);
      return;
    }
    if (value === undefined) return;
    text += textOf(value);
    for (const content of value.contents) {
      if (content.type !== 'function_call' || agent === undefined) continue;
      const key = callKey(content);
      calls.set(key, (calls.get(key) ?? new Set()).add(agent));
    }
  };
  // Listened to before whoever asked, who gets the same promise.
  answer.next = (...args) => {
    const step = next(...args);
    step.then(note, () => {});
    return step;
  };
  return answer;
};

beforeEach(() => {
  said = { texts: new Map(), calls: new Map() };
  problems = [];
});

afterEach(({ task }) => {
  // A test of what breaks them says so.
  if (Reflect.get(task.meta, 'breaksRequestRules') === true) return;
  if (problems.length > 0)
    throw new Error(`Requests to models break the rules:\n${problems.join('\n')}`);
});
