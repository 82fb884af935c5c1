import fc from 'fast-check';
import { describe, it } from 'vitest';
import { ToolCallStream } from './tool-call-stream.ts';

interface Piece {
  readonly index: number;
  readonly part: string;
}

/** The pieces of several calls, each call's in order, interleaved by the given picks. */
function interleave(calls: readonly (readonly string[])[], picks: readonly number[]): Piece[] {
  const queues = calls.map((parts, index) => parts.map((part) => ({ index, part })));
  const pieces: Piece[] = [];
  for (let step = 0; queues.some((queue) => queue.length > 0); step += 1) {
    const open = queues.filter((queue) => queue.length > 0);
    const piece = open[(picks[step] ?? 0) % open.length]?.shift();
    if (piece !== undefined) pieces.push(piece);
  }
  return pieces;
}

describe('ToolCallStream', () => {
  it('R1: gives each call its own arguments back, however they are cut and mixed', () => {
    const parts = fc.array(fc.string(), { minLength: 1, maxLength: 6 });

    fc.assert(
      fc.property(
        fc.array(parts, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat()),
        (calls, picks) => {
          const stream = new ToolCallStream(() => 'call_made_up');
          const told = new Map<string, unknown[]>();
          const begun = new Set<number>();

          for (const { index, part } of interleave(calls, picks)) {
            const isFirst = !begun.has(index);
            begun.add(index);
            const head = isFirst ? { id: `call_${index}`, name: 'f' } : {};
            const delta = { id: undefined, name: undefined, ...head, index, arguments: part };
            for (const content of stream.add(delta)) {
              const before = told.get(content.callId) ?? [];
              told.set(content.callId, [...before, content.arguments]);
            }
          }

          return calls.every(
            (call, index) => told.get(`call_${index}`)?.join('') === call.join(''),
          );
        },
      ),
    );
  });
});
