import { median } from '../measure.ts';
import { chatOf } from '../subjects/colloquy.ts';
import { digits, heapUsed, timed } from './section.ts';

const RESETS = 10_000;
const TURNS = 8;

/** B9: resets of a used group chat, beside building it anew. */
export async function* resets(): AsyncGenerator<string, void> {
  const chat = chatOf(TURNS);
  const use = (): Promise<unknown> => chat.run('Shall we?');
  const times: number[] = [];
  const heaps: number[] = [];
  for (let reset = 0; reset < RESETS; reset += 1) {
    // Running it each time would measure the runs; a reset does the same whether or not it was used since the last.
    if (reset % 100 === 0) await use();
    times.push(await timed(() => chat.resetForNewRun()));
    if (reset === 100 || reset === RESETS - 1) heaps.push(heapUsed());
  }
  const { outputs } = await chat.run('Shall we?');
  if (outputs.length !== TURNS)
    throw new Error(`Expected ${TURNS} replies, got ${outputs.length}.`);
  const rebuilds: number[] = [];
  for (let count = 0; count < 2000; count += 1)
    rebuilds.push(await timed(async () => chatOf(TURNS)));
  const reset = median(times) * 1000;
  const rebuild = median(rebuilds) * 1000;
  const tenth = RESETS / 10;
  const early = median(times.slice(tenth, 2 * tenth));
  const late = median(times.slice(-tenth));
  const [first = 0, last = 0] = heaps;
  yield `reset ${digits(reset)} µs, rebuild ${digits(rebuild)} µs: ${(rebuild / reset).toFixed(1)}x`;
  yield `the last of 10,000 resets against the early ones: ${(late / early).toFixed(2)}x; heap ${digits((last - first) / 1024)} KB more`;
}
