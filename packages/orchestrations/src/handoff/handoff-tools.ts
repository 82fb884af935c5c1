import { defineTool, type FunctionTool, type JsonValue, type Message } from '@colloquy/core';
import * as z from 'zod';

import { isRecord } from '../shared/is-record.ts';

/** One way on from an agent. */
export interface HandoffTool {
  /** The name of the participant who is handed the conversation. */
  readonly target: string;
  readonly tool: FunctionTool;
}

/** The longest name that a tool may have. */
export const MAX_TOOL_NAME = 64;

const NO_ARGUMENTS = z.object({});

/** The tool's name for a target: what services refuse in it becomes `_`. */
export function handoffToolName(target: string): string {
  return `handoff_to_${target.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`;
}

/**
 * Makes the tool by which a model hands the conversation over.
 *
 * It needs approval, so that a call ends the model's turn; `HandoffAgent` answers it.
 *
 * Security: names and descriptions of participants are told to models.
 */
export function createHandoffTool(target: string, description: string): HandoffTool {
  const purpose = description === '' ? 'It goes on with the user.' : description;
  return {
    target,
    tool: defineTool({
      name: handoffToolName(target),
      description: `Hands the conversation over to ${target}. ${purpose}`,
      input: NO_ARGUMENTS,
      needsApproval: true,
      execute: () => handoffResult(target),
    }),
  };
}

/** What the model is told of a handoff that is made. */
export function handoffResult(target: string): JsonValue {
  return { handoff_to: target };
}

/** To whom a reply hands the conversation over; `undefined` where to nobody. */
export function handoffTargetOf(
  messages: readonly Message[],
  tools: readonly HandoffTool[],
): string | undefined {
  const contents = messages.flatMap((message) => message.contents);
  const offered = new Map(tools.map(({ tool, target }) => [tool.name, target]));
  const targets = new Map(
    contents.flatMap((content) =>
      content.type === 'function_call' ? [[content.callId, offered.get(content.name)]] : [],
    ),
  );
  for (const content of contents) {
    // A tool of the agent's own may answer in the same words.
    if (content.type !== 'function_result' || !isRecord(content.result)) continue;
    const target = targets.get(content.callId);
    if (target !== undefined && content.result['handoff_to'] === target) return target;
  }
  return undefined;
}
