import { ConfigurationError } from '@colloquy/core';

import { describeValue } from '../shared/describe-value.ts';

/** What the manager is asked, as templates; a slot such as `{task}` is filled in, everything else stays as it is. */
export interface MagenticPrompts {
  /** Asks what is known before the work begins. Slot: `task`. */
  readonly facts: string;
  /** Asks for a plan. Slot: `team`. */
  readonly plan: string;
  /** What participants and manager are told of the task. Slots: `task`, `team`, `facts`, `plan`. */
  readonly taskLedger: string;
  /** Asks what has been learned, when the work has stalled or the plan is revised. Slots: `task`, `facts`. */
  readonly factsUpdate: string;
  /** Asks for another plan after a stall. Slots: `team`, `plan`. */
  readonly planUpdate: string;
  /** Asks for another plan after a human's feedback. Slots: `team`, `plan`, `feedback`. */
  readonly planRevision: string;
  /** Asks for the progress ledger. Slots: `task`, `team`, `names`, `schema`. */
  readonly progress: string;
  /** Asks for the answer to the task. Slot: `task`. */
  readonly finalAnswer: string;
}

/** The slots that each prompt must have; it may use any other slot that its moment knows. */
const REQUIRED: Readonly<Record<keyof MagenticPrompts, readonly string[]>> = {
  facts: ['task'],
  plan: ['team'],
  taskLedger: ['task', 'plan'],
  factsUpdate: ['facts'],
  planUpdate: ['team'],
  planRevision: ['plan', 'feedback'],
  progress: ['names', 'schema'],
  finalAnswer: ['task'],
};

const DEFAULT_PROMPTS: MagenticPrompts = {
  facts: `A team is about to work on this task:

{task}

Before it starts, write down what is known. Use these four headings and nothing else:
1. Given: facts and figures that the task itself states.
2. To look up: what has to be found, and where it may be found.
3. To work out: what has to be derived or computed.
4. Guesses: what you believe from memory, marked as such.
Do not plan yet.`,
  plan: `This is the team:

{team}

Make a short plan for the task as a list of steps. Say who does which step. Not everybody has to take part.`,
  taskLedger: `Our task:

{task}

The team:

{team}

What we know:

{facts}

The plan:

{plan}`,
  factsUpdate: `The work on this task has to be thought over:

{task}

This is what we had written down:

{facts}

Rewrite it with everything that has been learned since. Move guesses that proved right to the facts, correct what proved wrong, and add at least one new guess with its reason.`,
  planUpdate: `The plan so far was:

{plan}

It has not led to the goal. First say in a sentence or two what went wrong and why. Then make a new, short plan that avoids it, for this team:

{team}`,
  planRevision: `The plan so far is:

{plan}

Somebody who has reviewed it says:

{feedback}

Make the plan anew so that it does what they ask, for this team:

{team}`,
  progress: `Our task is:

{task}

The team is:

{team}

Look at what has been said so far and decide how the work goes on. The next speaker must be one of: {names}.
Answer with one JSON object of this shape and nothing else:

{schema}`,
  finalAnswer: `The work on this task has ended:

{task}

Write the answer for whoever asked, from what has been found out above. If it is not complete, give the best answer there is and say what is missing. Speak to them directly.`,
};

/**
 * The prompts with those that the caller gives in place of ours.
 *
 * @throws {ConfigurationError} `magentic/invalid-prompt` for one that is empty or lacks a slot, all of them at once.
 */
export function promptsWith(given: Partial<MagenticPrompts>): MagenticPrompts {
  const problems = Object.entries(given).flatMap(([name, prompt]) => problemsOf(name, prompt));
  if (problems.length === 0) return { ...DEFAULT_PROMPTS, ...given };
  throw new ConfigurationError(
    `Expected prompts with all their slots, got ${problems.join('; ')}. A slot is a name in braces, such as {task}.`,
    { code: 'magentic/invalid-prompt' },
  );
}

function problemsOf(name: string, prompt: unknown): string[] {
  const required: readonly string[] | undefined = REQUIRED[name as keyof MagenticPrompts];
  if (required === undefined)
    return [`"${name}", which is no prompt (there are: ${Object.keys(REQUIRED).join(', ')})`];
  if (typeof prompt !== 'string' || prompt === '') return [`${name}: ${describeValue(prompt)}`];
  const missing = required.filter((slot) => !prompt.includes(`{${slot}}`));
  return missing.length === 0
    ? []
    : [`${name} without ${missing.map((slot) => `{${slot}}`).join(', ')}`];
}

/**
 * Fills the slots of a template, in one pass: what is put in is not looked at again, so braces in it are harmless.
 *
 * Security: tasks, facts and plans come from users and models; they are text in a prompt, never a template.
 */
export function renderPrompt(template: string, slots: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, slot: string) =>
    Object.hasOwn(slots, slot) ? (slots[slot] ?? whole) : whole,
  );
}

/** The team as a list, one line each. */
export function describeTeam(
  participants: readonly { readonly name: string; readonly description: string }[],
): string {
  return participants
    .map(({ name, description }) => {
      const line = description.replaceAll(/\s+/g, ' ').trim();
      return line === '' ? `- ${name}` : `- ${name}: ${line}`;
    })
    .join('\n');
}
