import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { median } from './measure.ts';

const run = promisify(execFile);

/** What installing and importing a library takes. */
export interface Installed {
  readonly subject: string;
  /** The library's own among them. */
  readonly packages: number;
  readonly megabytes: number;
  /** Of its main entry, in a new process; without what starting Node takes. */
  readonly importMs: number;
}

const ROUNDS = 7;
const root = fileURLToPath(new URL('..', import.meta.url));
const peers = join(root, 'bench/peers');

/** Where each library lies, and what is imported of it; ours as it is published. */
const LIBRARIES: readonly (readonly [subject: string, from: string, names: readonly string[]])[] = [
  ['Colloquy, workflows and agents', root, ['@colloquy/core']],
  ['Colloquy, with group chats', root, ['@colloquy/orchestrations']],
  ['LangGraph.js', peers, ['@langchain/langgraph', '@langchain/core']],
  ['XState', peers, ['xstate']],
  ['Mastra', peers, ['@mastra/core']],
  ['VoltAgent', peers, ['@voltagent/core']],
  ['Strands', peers, ['@strands-agents/sdk']],
  ['Google ADK', peers, ['@google/adk']],
  ['OpenAI Agents', peers, ['@openai/agents']],
];

/** B8: packages, megabytes and import times. */
export async function measureInstalled(): Promise<Installed[]> {
  const installed: Installed[] = [];
  for (const [subject, from, names] of LIBRARIES) {
    const folders = closureOf(names.map((name) => locate(from, name)));
    const bytes = [...folders].reduce((sum, folder) => sum + bytesIn(folder), 0);
    const [main = ''] = names;
    const importMs = (await importTime(main, from)) - (await importTime('node:os', from));
    installed.push({ subject, packages: folders.size, megabytes: bytes / 2 ** 20, importMs });
  }
  return installed;
}

/** The folders of packages and of all that they depend on. */
function closureOf(found: readonly (string | undefined)[]): ReadonlySet<string> {
  const folders = new Set(found.filter((folder) => folder !== undefined));
  for (const folder of folders) {
    for (const name of dependenciesOf(folder)) {
      const dependency = locate(folder, name);
      if (dependency !== undefined) folders.add(dependency);
    }
  }
  return folders;
}

/** What a package is installed with: peers too, but what it can do without. */
function dependenciesOf(folder: string): readonly string[] {
  const manifest: {
    readonly dependencies?: Record<string, string>;
    readonly peerDependencies?: Record<string, string>;
    readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>;
  } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const required = Object.keys(peerDependencies).filter(
    (name) => peerDependenciesMeta[name]?.optional !== true,
  );
  return [...Object.keys(dependencies), ...required];
}

/** The folder that Node would find a package in. */
function locate(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(candidate)) return realpathSync(candidate);
    if (dirname(folder) === folder) return undefined;
  }
}

/** Of ours only what is published counts. */
function bytesIn(folder: string): number {
  const published = folder.startsWith(join(root, 'packages')) ? join(folder, 'dist') : folder;
  return readdirSync(published, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.tsbuildinfo'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.slice(published.length).includes('/node_modules/'))
    .reduce((sum, file) => sum + statSync(file).size, 0);
}

/** Milliseconds that a new process needs to import a module. */
export async function importTime(name: string, from: string = root): Promise<number> {
  const code = `const start = performance.now(); await import('${name}'); console.log(performance.now() - start); process.exit();`;
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const args = ['--input-type=module', '-e', code];
    const { stdout } = await run(process.execPath, args, { cwd: from });
    times.push(Number(stdout.trim().split('\n').at(-1)));
  }
  return median(times);
}
