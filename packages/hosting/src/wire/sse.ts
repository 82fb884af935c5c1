import { type WireEvent } from './response-builder.ts';

/** How often a stream that has nothing to say shows that it lives, in milliseconds. */
const KEEP_ALIVE_MS = 15_000;

const SSE_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/**
 * Events as a stream of frames, ended by `[DONE]`.
 *
 * @param onCancel - The client has gone away before the end.
 */
export function sseResponse(events: AsyncIterator<WireEvent>, onCancel: () => void): Response {
  const encoder = new TextEncoder();
  let keepAlive: NodeJS.Timeout | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      keepAlive = setInterval(() => {
        controller.enqueue(encoder.encode(': keep-alive\n\n'));
      }, KEEP_ALIVE_MS);
      keepAlive.unref();
    },
    pull: async (controller) => {
      const { done, value } = await events.next();
      if (done !== true) return controller.enqueue(encoder.encode(frameOf(value)));
      clearInterval(keepAlive);
      controller.enqueue(encoder.encode('data: [DONE]\n\n'));
      controller.close();
    },
    cancel: () => {
      clearInterval(keepAlive);
      onCancel();
    },
  });
  return new Response(body, { headers: SSE_HEADERS });
}

/** One event as a frame. Security: JSON has no line breaks, and types are names of ours, so nothing can forge a frame. */
function frameOf(event: WireEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
