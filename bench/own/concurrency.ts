import { colloquy } from '../subjects/colloquy.ts';
import { floor } from '../subjects/floor.ts';
import { lean } from '../subjects/lean.ts';
import { measureForks } from '../forks.ts';
import { digits } from './section.ts';

/** B7: a thousand runs at once. */
export async function* concurrency(): AsyncGenerator<string, void> {
  for (const subject of [floor, lean, colloquy]) {
    const { runsPerSecond, peakMb, retainedBytes } = await measureForks(subject);
    yield `${subject.name.padEnd(28)} ${digits(runsPerSecond).padStart(9)} runs/s, peak ${digits(peakMb)} MB over the start, ${digits(retainedBytes)} bytes left per run`;
  }
}
