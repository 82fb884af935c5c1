import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, describe, expect, it } from 'vitest';

const workspace = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(workspace, 'test', 'docs-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** The README files whose TypeScript blocks a reader will copy. */
function documents(): string[] {
  const packages = readdirSync(join(workspace, 'packages')).map((name) =>
    join('packages', name, 'README.md'),
  );
  return ['README.md', ...packages];
}

/** Writes every TypeScript block of a document into a file of its own. */
function writeBlocks(document: string): string[] {
  const text = readFileSync(join(workspace, document), 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = ''], index) => {
    const path = join(folder, `${document.replaceAll(/[^a-z]/gi, '-')}-${index}.ts`);
    writeFileSync(path, `${code}\nexport {};\n`);
    return path;
  });
}

describe('the documents', () => {
  it('show code that compiles', { timeout: 60_000 }, () => {
    const blocks = documents().flatMap(writeBlocks);
    const config = {
      extends: '../../tsconfig.test.json',
      // A README may show a value without using it.
      include: blocks.map((path) => relative(folder, path)),
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));

    const { stdout, status } = spawnSync(join(workspace, 'node_modules/.bin/tsc'), ['-p', folder], {
      encoding: 'utf8',
    });

    expect(blocks.length).toBeGreaterThan(5);
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
  });

  it('link only to what is there', () => {
    const broken = [...documents(), 'CONTRIBUTING.md', 'AGENTS.md', 'examples/README.md'].flatMap(
      (document) => {
        const text = readFileSync(join(workspace, document), 'utf8');
        const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link = '']) => link);
        return links
          .filter((link) => !isThere(join(workspace, document, '..', link)))
          .map((link) => `${document}: ${link}`);
      },
    );

    expect(broken).toEqual([]);
  });
});

function isThere(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EISDIR';
  }
}
