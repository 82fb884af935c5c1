import { ColloquyError } from '../errors/colloquy-error.ts';
import { type AgentResponse } from '../messages/response.ts';
import { type AgentResponseUpdate } from '../messages/response-update.ts';
import { AsyncQueue } from '../primitives/async-queue.ts';
import { type AgentStream } from './agent-like.ts';

/** Starts a run that tells `onUpdate` what comes; `signal` is aborted when its reader leaves. */
export type StartAgentRun = (
  onUpdate: (update: AgentResponseUpdate) => void,
  signal: AbortSignal,
) => Promise<AgentResponse>;

/**
 * Starts a run at once and lets its updates be read, once, also late.
 *
 * Leaving the loop early cancels the run and waits for its end. A failure is thrown by the loop and by `response`;
 * nobody needs to look at either. When `signal` aborts, the run rejects with its reason.
 */
export function startAgentStream(
  start: StartAgentRun,
  signal: AbortSignal | undefined,
): AgentStream {
  const updates = new AsyncQueue<AgentResponseUpdate>();
  const controller = new AbortController();
  const follow = (): void => controller.abort(signal?.reason);
  if (signal?.aborted === true) follow();
  signal?.addEventListener('abort', follow, { once: true });
  const response = start((update) => updates.push(update), controller.signal).finally(() => {
    signal?.removeEventListener('abort', follow);
    updates.close();
  });
  response.catch(() => {});
  let isRead = false;
  return {
    response,
    [Symbol.asyncIterator]: () => {
      if (isRead)
        throw new ColloquyError(
          "Expected one reader of an agent's stream, got a second. Read stream.response for the whole.",
          { code: 'agent/stream-already-read' },
        );
      isRead = true;
      return iterate(updates, response, controller);
    },
  };
}

function iterate(
  updates: AsyncQueue<AgentResponseUpdate>,
  response: Promise<AgentResponse>,
  controller: AbortController,
): AsyncIterator<AgentResponseUpdate, undefined> {
  return {
    next: async () => {
      const value = await updates.take();
      if (value !== undefined) return { done: false, value };
      await response;
      return { done: true, value: undefined };
    },
    return: async () => {
      controller.abort(new DOMException('The reader of the stream has left.', 'AbortError'));
      await response.catch(() => {});
      return { done: true, value: undefined };
    },
  };
}
