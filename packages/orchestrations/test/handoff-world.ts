import {
  Agent,
  defineTool,
  type FunctionTool,
  type PendingRequest,
  textOf,
  ToolApproval,
} from '@colloquy/core';
import { type RecordedRequest, type ScriptEntry, scripted, toolCall } from '@colloquy/testing';
import * as z from 'zod';

import { type Handoff, handoff, type HandoffOptions } from '../src/handoff/handoff.ts';

/** The members of the team; the first begins. */
export const NAMES: readonly string[] = ['ann', 'ben', 'cy'];

/** A request to a model, and whose it was. */
export interface WorldRequest {
  readonly agent: string;
  readonly request: RecordedRequest;
}

/** A team whose models answer from what they read, and every request that they got. */
export interface World {
  readonly team: Handoff;
  readonly requests: WorldRequest[];
  /** The model call, of all agents together, that fails. */
  failAt: number | undefined;
}

const createTool = (name: string, needsApproval: boolean) =>
  defineTool({
    name,
    description: `Can ${name}`,
    input: z.object({}),
    needsApproval,
    execute: () => `${name} done`,
  });

/** A tool that anybody may call. */
export const look: FunctionTool = createTool('look', false);
/** A tool that a human must agree to. */
export const pay: FunctionTool = createTool('pay', true);

/**
 * A team whose members do something else with every history: talk, hand over, use tools, ask for approval, several at
 * once.
 *
 * What they do depends on all that they read and on `seed`, so anything carried over shows in what follows.
 */
export function createWorld(seed: number, options: Partial<HandoffOptions> = {}): World {
  const requests: WorldRequest[] = [];
  const member = (name: string): Agent => {
    const entry = (request: RecordedRequest): ScriptEntry => {
      requests.push({ agent: name, request });
      if (requests.length === world.failAt) return new Error('down');
      return replyOf(name, request, seed);
    };
    const client = scripted(Array.from({ length: 300 }, () => entry));
    return new Agent({ name, client, tools: [look, pay] });
  };
  const team = handoff({
    name: 'world',
    participants: NAMES.map(member),
    start: 'ann',
    maxHandoffs: 3,
    graceMs: 50,
    logger: { warn: () => {}, debug: () => {} },
    ...options,
  });
  const world: World = { team, requests, failAt: undefined };
  return world;
}

/** The answers of a user who decides by what is asked: goes on, agrees or not, and at last ends it. */
export function answersTo(
  asked: readonly PendingRequest[],
  { input, turn }: { readonly input: string; readonly turn: number },
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    asked.map(({ id, type }, index) => {
      if (type === ToolApproval.tag) return [id, { approve: turn % 2 === 0 }];
      return [id, turn >= 3 ? { end: true } : { text: `user ${turn}.${index} of ${input}` }];
    }),
  );
}

function replyOf(name: string, { messages }: RecordedRequest, seed: number): ScriptEntry {
  const read = messages.map((message) => `${message.role} ${textOf(message)}`).join('\n');
  const pick = hash(`${seed} ${name} ${messages.length} ${read}`);
  const [first = '', second = ''] = NAMES.filter((other) => other !== name);
  const call = (tool: string, index = 0) =>
    toolCall(tool, {}, { callId: `${name}-${messages.length}-${index}` });
  const hand = (target: string, index = 0) => call(`handoff_to_${target}`, index);
  const text = `${name} ${messages.length} ${pick}`;
  const replies: readonly ScriptEntry[] = [
    text,
    hand(first),
    [text, hand(second)],
    [hand(second), hand(first, 1), call('look', 2)],
    call('look'),
    call('pay'),
    [call('pay'), hand(first, 1)],
    hand('nobody'),
    text,
  ];
  return replies[pick % replies.length] ?? text;
}

function hash(text: string): number {
  let value = 2_166_136_261;
  for (const character of text)
    value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 16_777_619);
  return value >>> 0;
}
