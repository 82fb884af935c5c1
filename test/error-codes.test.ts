import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

const workspace = fileURLToPath(new URL('..', import.meta.url));

/** Every `area/problem` that stands as a code in the sources. */
function codesInSources(): string[] {
  const packages = join(workspace, 'packages');
  const texts = readdirSync(packages, { recursive: true, encoding: 'utf8' })
    .filter((path) => /^[a-z]+\/src\/.*\.ts$/.test(path) && !/\.test(-d)?\.ts$/.test(path))
    .map((path) => readFileSync(join(packages, path), 'utf8'));
  const codes = texts.flatMap((text) =>
    [...text.matchAll(/(?:code: |code \?\? |\| )'([a-z-]+\/[a-z-]+)'/g)].flatMap(
      (match) => match[1] ?? [],
    ),
  );
  return [...new Set(codes)].toSorted();
}

describe('the error codes', () => {
  it('are all listed in docs/errors.md with what they mean and what to do, and no others are', () => {
    const rows = readFileSync(join(workspace, 'docs/errors.md'), 'utf8').matchAll(
      /^\| `([a-z-]+\/[a-z-]+)`\s*\| [^|]{10,}\| [^|]{10,}\|$/gm,
    );

    expect([...rows].map(([, code]) => code).toSorted()).toEqual(codesInSources());
  });
});
