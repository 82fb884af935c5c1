import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFile, spawnSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

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

/** Whether a block needs a model, a server, or a value that is not shown. */
function needsMore(path: string): boolean {
  const code = readFileSync(path, 'utf8');
  if (/declare const|from 'openai'|@colloquy\/stores/.test(code)) return true;
  return code.includes('OpenAIChatClient') && !code.includes('fakeOpenAI');
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

  it(
    'show code that runs, where it needs no model and no server',
    { timeout: 60_000 },
    async () => {
      const blocks = documents()
        .flatMap(writeBlocks)
        .filter((path) => !needsMore(path));
      const node = promisify(execFile);

      // What a block keeps, such as checkpoints, goes where the blocks are.
      const runs = blocks.map(async (path) =>
        node(process.execPath, ['--conditions=@colloquy/source', path], { cwd: folder }),
      );

      const failures = (await Promise.allSettled(runs)).flatMap((run) =>
        run.status === 'rejected' ? [String(run.reason)] : [],
      );
      expect(failures).toEqual([]);
      expect(blocks.length).toBeGreaterThan(10);
    },
  );

  it('link only to what is there', () => {
    const pages = readdirSync(join(workspace, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join('docs', name));
    const others = ['CONTRIBUTING.md', 'AGENTS.md', 'examples/README.md', ...pages];
    const broken = [...documents(), ...others].flatMap((document) => {
      const text = readFileSync(join(workspace, document), 'utf8');
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link = '']) => link);
      return links
        .filter((link) => !isThere(join(workspace, document, '..', link)))
        .map((link) => `${document}: ${link}`);
    });

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
