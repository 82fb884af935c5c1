import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/**
 * Which folders of its own package each folder may import.
 *
 * A folder that is not named here fails the test, so a new folder is a decision and not an accident.
 * `(root)` is the package's entry, `index.ts`.
 */
const FOUNDATION = ['errors', 'messages', 'primitives', 'schema', 'state'];

const MAY_IMPORT: Record<string, Record<string, readonly string[]>> = {
  core: {
    primitives: [],
    errors: ['primitives'],
    schema: ['errors', 'primitives'],
    messages: ['errors', 'primitives', 'schema'],
    state: ['primitives'],
    tools: [...FOUNDATION],
    chat: [...FOUNDATION, 'tools'],
    agents: [...FOUNDATION, 'tools', 'chat'],
    events: ['errors', 'messages', 'primitives', 'schema'],
    graph: [...FOUNDATION, 'events'],
    checkpoint: [...FOUNDATION, 'events'],
    node: [...FOUNDATION, 'checkpoint'],
    requests: [...FOUNDATION, 'events', 'graph'],
    runtime: [...FOUNDATION, 'checkpoint', 'events', 'graph', 'requests'],
    program: [...FOUNDATION, 'events', 'graph', 'requests'],
    viz: ['graph'],
    spi: ['bridges', 'events', 'graph', 'primitives'],
    bridges: [...FOUNDATION, 'agents', 'checkpoint', 'events', 'graph', 'requests', 'runtime'],
    workflow: [
      ...FOUNDATION,
      'agents',
      'bridges',
      'checkpoint',
      'events',
      'graph',
      'program',
      'runtime',
    ],
    '(root)': [
      ...FOUNDATION,
      'agents',
      'bridges',
      'chat',
      'checkpoint',
      'events',
      'graph',
      'program',
      'runtime',
      'tools',
      'viz',
      'workflow',
    ],
  },
  hosting: {
    wire: [],
    queues: ['wire'],
    entities: ['queues', 'wire'],
    store: ['wire'],
    turns: ['entities', 'queues', 'store', 'wire'],
    app: ['entities', 'queues', 'store', 'turns', 'wire'],
    node: ['app', 'store', 'wire'],
    postgres: ['store'],
    cli: ['app', 'entities', 'node'],
    '(root)': ['app', 'entities', 'store', 'turns', 'wire'],
  },
  openai: {
    connection: [],
    wire: ['connection'],
    'chat-completions': ['connection', 'wire'],
    responses: ['connection', 'wire'],
    '(root)': ['chat-completions', 'connection', 'responses', 'wire'],
  },
  orchestrations: {
    termination: ['shared'],
    shared: [],
    'human-gate': ['shared'],
    'group-chat': ['human-gate', 'shared', 'termination'],
    sequential: ['group-chat', 'human-gate', 'shared'],
    concurrent: ['group-chat', 'human-gate', 'shared'],
    handoff: ['group-chat', 'shared', 'termination'],
    magentic: ['group-chat', 'shared', 'termination'],
    '(root)': [
      'concurrent',
      'group-chat',
      'handoff',
      'human-gate',
      'magentic',
      'sequential',
      'shared',
      'termination',
    ],
  },
  stores: {
    sql: [],
    sqlite: ['sql'],
    postgres: ['sql'],
    redis: [],
  },
  testing: {
    random: [],
    time: ['random'],
    faults: ['random', 'time'],
    trace: [],
    recorded: [],
    'fake-openai': [],
    '(root)': ['fake-openai', 'faults', 'random', 'recorded', 'time', 'trace'],
  },
};

/** Which packages of the workspace each package may import. */
const MAY_IMPORT_PACKAGE: Record<string, readonly string[]> = {
  core: [],
  hosting: ['core'],
  openai: ['core'],
  orchestrations: ['core'],
  stores: ['core'],
  testing: ['core'],
};

/** Most lines of a source file, comments and blank lines included. */
const MAX_LINES = 400;

const SCOPE = '@colloquy/';
const workspace = fileURLToPath(new URL('..', import.meta.url));

interface SourceFile {
  readonly path: string;
  readonly pkg: string;
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const sourceRoot = (pkg: string): string => join(workspace, 'packages', pkg, 'src');

function folderOf(pkg: string, path: string): string {
  const [first = '', ...rest] = relative(sourceRoot(pkg), path).split('/');
  return rest.length > 0 ? first : '(root)';
}

function readSources(pkg: string): SourceFile[] {
  return readdirSync(sourceRoot(pkg), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test(-d)?\.tsx?$/.test(name))
    .map((name) => {
      const path = join(sourceRoot(pkg), name);
      const text = readFileSync(path, 'utf8');
      const imports = [
        ...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)'/gms),
        ...text.matchAll(/\bimport\('([^']+)'\)/g),
      ];
      return {
        path,
        pkg,
        folder: folderOf(pkg, path),
        text,
        imports: imports.flatMap((match) => match[1] ?? []),
      };
    });
}

/** Folders that are reached from `start` by following the table, `start` excluded unless on a cycle. */
function reachable(table: Record<string, readonly string[]>, start: string): Set<string> {
  const seen = new Set<string>();
  const todo = [...(table[start] ?? [])];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop()) {
    if (seen.has(folder)) continue;
    seen.add(folder);
    todo.push(...(table[folder] ?? []));
  }
  return seen;
}

describe.each(Object.entries(MAY_IMPORT))('package %s', (pkg, table) => {
  it.each(Object.keys(table))('folder %s is on no cycle of the table', (folder) => {
    expect(reachable(table, folder).has(folder)).toBe(false);
  });

  describe.each(
    readSources(pkg).map((file) => [relative(sourceRoot(pkg), file.path), file] as const),
  )('%s', (_, file) => {
    it('imports only folders that its folder may import', () => {
      const allowed = new Set([file.folder, ...(table[file.folder] ?? [])]);
      const wrong = file.imports
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => folderOf(pkg, resolve(dirname(file.path), specifier)))
        .filter((folder) => !allowed.has(folder));
      expect(table).toHaveProperty([file.folder]);
      expect(wrong).toEqual([]);
    });

    it('imports only packages that its package may import', () => {
      const wrong = file.imports
        .filter((specifier) => specifier.startsWith(SCOPE))
        .map((specifier) => specifier.slice(SCOPE.length).split('/')[0] ?? '')
        .filter((other) => !MAY_IMPORT_PACKAGE[pkg]?.includes(other));
      expect(wrong).toEqual([]);
    });

    it(`has at most ${MAX_LINES} lines and no "export *"`, () => {
      expect(file.text.split('\n').length).toBeLessThanOrEqual(MAX_LINES);
      expect(file.text).not.toMatch(/^export \*/m);
    });
  });
});
