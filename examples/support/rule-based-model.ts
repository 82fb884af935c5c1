import { setTimeout as delay } from 'node:timers/promises';

import {
  type ChatClient,
  type ChatOptions,
  type ChatResponseUpdate,
  type Message,
  textOf,
} from '@colloquy/core';

/** What one role of the demo's team says, given the task and how often it has spoken. */
type Role = (task: Task, turn: number) => string;

interface Task {
  /** What is to be done: "Plan a launch". */
  readonly goal: string;
  /** What it is about: "a folding bicycle". */
  readonly topic: string;
}

const ROLES: Readonly<Record<string, Role>> = {
  planner: ({ goal, topic }, turn) =>
    turn === 0
      ? `To ${lowerFirst(goal)} for ${topic}, I propose four steps: (1) decide who needs ${topic} most; (2) make the smallest thing that convinces them; (3) try it with five of them; (4) go wide with what they liked.`
      : `Agreed. Step 3 now has a number: three of the five must ask when they can have ${topic}. If fewer do, we go back to step 1.`,
  researcher: ({ topic }, turn) =>
    turn === 0
      ? `Three things to find out about ${topic}: what people use instead today, what it costs them, and the moment at which they give it up. Step 1 should start from that moment.`
      : `That number can be measured within a week: five conversations, one question each, written down word for word.`,
  critic: ({ goal, topic }, turn) =>
    turn === 0
      ? `The plan does not say how we would notice that it fails. Give step 3 a number, or nobody can tell whether ${topic} is ready.`
      : `APPROVED: the plan to ${lowerFirst(goal)} for ${topic} has an audience, a test and a number that can stop it.`,
};

/**
 * Answers by rules that take their words from the task: a stand-in where no model is at hand, so that everything else
 * can be seen at work.
 *
 * Not a language model. It plays the role that its instructions name ("You are the planner").
 */
export class RuleBasedModel implements ChatClient {
  readonly model = 'rule-based';

  async *stream(
    messages: readonly Message[],
    options: ChatOptions = {},
  ): AsyncGenerator<ChatResponseUpdate, void> {
    const role = /You are the (\w+)/.exec(options.instructions ?? '')?.[1] ?? '';
    const speak = ROLES[role] ?? (() => 'I have nothing to add.');
    const turn = messages.filter(({ authorName }) => authorName === role).length;
    const words = speak(taskIn(messages), turn).split(/(?<= )/);
    for (const word of words) {
      if (process.stdout.isTTY)
        await delay(20, undefined, options.signal ? { signal: options.signal } : {});
      options.signal?.throwIfAborted();
      yield { contents: [{ type: 'text', text: word }] };
    }
    const inputTokens = messages.map(textOf).join(' ').split(' ').length;
    const usage = {
      inputTokens,
      outputTokens: words.length,
      totalTokens: inputTokens + words.length,
    };
    yield { contents: [{ type: 'usage', usage }], finishReason: 'stop' };
  }
}

/** Splits the last thing the user said: "Plan a launch for a folding bicycle". */
function taskIn(messages: readonly Message[]): Task {
  const task = messages.findLast(({ role }) => role === 'user');
  const text =
    task === undefined
      ? 'Find a task'
      : textOf(task)
          .trim()
          .replace(/[.!?]+$/, '');
  const parts = /^(.+?) (?:for|of|about|on) (.+)$/i.exec(text);
  return { goal: parts?.[1] ?? 'answer', topic: parts?.[2] ?? `“${text}”` };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
