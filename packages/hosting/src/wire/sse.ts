import { type WireEvent } from './response-builder.ts';

/** How often a stream that has nothing to say shows that it lives, in milliseconds. */
const KEEP_ALIVE_MS = 15_000;

const SSE_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/** How a stream is read. */
export interface SseOptions {
  /** How long its reader may take nothing of what waits, in milliseconds. */
  readonly maxStallMs: number;
  /** The reader has gone away before the end, or is taken to have. */
  readonly onLeave: () => void;
}

/** Events as a stream of frames, ended by `[DONE]`. One frame waits at a time: the next is made when that was taken. */
export function sseResponse(
  events: AsyncGenerator<WireEvent, void>,
  { maxStallMs, onLeave }: SseOptions,
): Response {
  const encoder = new TextEncoder();
  let keepAlive: NodeJS.Timeout | undefined;
  let stall: NodeJS.Timeout | undefined;
  const leave = (): void => {
    clearInterval(keepAlive);
    clearTimeout(stall);
    onLeave();
    // Nothing of it is read any more; where it waits for an event, it ends with that.
    void events.return();
  };
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      keepAlive = setInterval(() => {
        // Where frames wait, another would only wait behind them.
        const isTaken = (controller.desiredSize ?? 0) > 0;
        if (isTaken) controller.enqueue(encoder.encode(': keep-alive\n\n'));
      }, KEEP_ALIVE_MS);
      keepAlive.unref();
    },
    pull: async (controller) => {
      clearTimeout(stall);
      const { done, value } = await events.next().catch((error: unknown) => {
        clearInterval(keepAlive);
        throw error;
      });
      if (done !== true) {
        controller.enqueue(encoder.encode(frameOf(value)));
        stall = setTimeout(() => {
          controller.error(new Error('The stream was not read.'));
          leave();
        }, maxStallMs);
        stall.unref();
        return;
      }
      clearInterval(keepAlive);
      controller.enqueue(encoder.encode('data: [DONE]\n\n'));
      controller.close();
    },
    cancel: leave,
  });
  return new Response(body, { headers: SSE_HEADERS });
}

/** One event as a frame. Security: JSON has no line breaks, and types are names of ours, so nothing can forge a frame. */
function frameOf(event: WireEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
