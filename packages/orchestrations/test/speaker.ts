import { Agent, textOf } from '@colloquy/core';
import { scripted } from '@colloquy/testing';

/** An agent of scripted replies, and the client that is asked for them. */
export interface Speaker {
  readonly client: ReturnType<typeof scripted>;
  readonly agent: Agent;
}

export function speaker(name: string, ...replies: Parameters<typeof scripted>[0]): Speaker {
  const client = scripted(replies);
  return { client, agent: new Agent({ name, client }) };
}

/** The texts of all messages that one of its model calls was given. */
export function readBy({ client }: Speaker, call = 0): string[] {
  return client.requests[call]?.messages.map(textOf) ?? [];
}
