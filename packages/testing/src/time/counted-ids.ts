import { type IdSource } from '@colloquy/core';

/** Makes ids such as `run_1`, `run_2`, `thread_1`: the same in every run of a test. */
export function countedIds(): IdSource {
  const counts = new Map<string, number>();
  return (kind) => {
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return `${kind}_${count}`;
  };
}
