import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Does something to the world: a line in a file for every time, with the key that tells repetitions apart. */
export function doEffect(folder: string, name: string, key: string): void {
  appendFileSync(join(folder, 'effects.log'), `${JSON.stringify([name, key])}\n`);
}

/** What was done, each key once, as a service that knows its keys would have it. */
export function committedEffects(folder: string): string[] {
  return [...new Map(readEffects(folder).map(([name, key]) => [key, name])).values()].toSorted();
}

/** How often each thing was done, repetitions included. */
export function executions(folder: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [name, key] of readEffects(folder)) {
    const id = `${name} ${key}`;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

function readEffects(folder: string): (readonly [name: string, key: string])[] {
  const path = join(folder, 'effects.log');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [name, key]: unknown[] = JSON.parse(line);
    return [String(name), String(key)];
  });
}
