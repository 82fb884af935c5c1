import { diff } from 'node:util';

import { CassetteError } from './cassette-error.ts';
import { type Recording } from './recording.ts';
import { printRequest, type RequestKey } from './request-key.ts';

/** Says how a request differs from the recording that is nearest to it. */
export function mismatchOf(
  key: RequestKey,
  recordings: readonly Recording[],
  path: string,
): CassetteError {
  const nearest = nearestTo(key, recordings);
  const who = `${key.agent === '' ? '' : ` of "${key.agent}"`}${key.path === '' ? '' : ` at ${key.path}`}`;
  const remedy = "Record it with mode 'record-missing', or find out why it is asked.";
  if (nearest === undefined)
    return new CassetteError(
      `Expected the request${who} to be in "${path}", which has no recordings. ${remedy}\n${key.text}`,
      { code: 'testing/cassette-mismatch' },
    );
  const recorded = printRequest(nearest.request);
  const where = `call ${nearest.call + 1} of "${nearest.agent}" at "${nearest.path}"`;
  const difference =
    recorded === key.text
      ? `which is the same as ${where}, but was recorded fewer times than it is asked`
      : `and it differs from the nearest recording, ${where}:\n${differenceBetween(recorded, key.text)}`;
  return new CassetteError(
    `Expected the request${who} to be in "${path}", but it is not, ${difference}\n${remedy}`,
    { code: 'testing/cassette-mismatch' },
  );
}

function nearestTo(key: RequestKey, recordings: readonly Recording[]): Recording | undefined {
  const lines = new Set(key.text.split('\n'));
  let best: { readonly recording: Recording; readonly score: number } | undefined;
  for (const recording of recordings) {
    const other = printRequest(recording.request).split('\n');
    const shared = other.filter((line) => lines.has(line)).length / (other.length + lines.size);
    const score = shared + (recording.agent === key.agent ? 1 : 0);
    if (best === undefined || score > best.score) best = { recording, score };
  }
  return best?.recording;
}

/** How many lines around a difference are shown. */
const CONTEXT = 2;

/** Lines that were recorded behind `-`, lines that came behind `+`. */
function differenceBetween(expected: string, actual: string): string {
  const lines = diff(expected.split('\n'), actual.split('\n'));
  const isNear = (index: number): boolean =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(([kind]) => kind !== 0);
  const shown = lines.flatMap(([kind, line], index) =>
    isNear(index) ? [`${SIGNS[kind] ?? ' '} ${line}`] : [],
  );
  return shown.join('\n');
}

const SIGNS: Readonly<Record<number, string>> = { 1: '-', [-1]: '+' };
