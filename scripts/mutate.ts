/**
 * Deletes every single line of what resets something or makes the state that it begins with, one after another, and runs
 * the tests that have to notice: `pnpm mutate [part of a path]`.
 *
 * No file is changed: the line is left out where the tests load it, see `vitest.mutate.config.ts`. Ends with 1 where a line
 * can be deleted and no test fails.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const workspace = join(import.meta.dirname, '..');
const vitest = join(workspace, 'node_modules', '.bin', 'vitest');

/** One line that is left out. */
interface Mutant {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** Lines that no test can notice, by path and text; each says why. */
const EQUIVALENT: ReadonlyMap<string, string> = new Map([
  [
    'packages/core/src/runtime/runner-context.ts: if (executor === undefined) return node.create();',
    'every node has its executor; only the compiler asks',
  ],
]);

/** How long tests may take, in milliseconds; a line without which they do not end is noticed. */
const PATIENCE_MS = 600_000;

/** A field that is undefined reads the same where it is absent; only the compiler asks for it. */
const UNDEFINED_FIELD = /^\w+: undefined,$/;

/** What a function has to be called for its lines to be deleted. */
const FUNCTION =
  /^(\s*)(?:(?:export|override|protected|async|function) )*#?(?:reset\w*|_resetPatternState|resetAfter|rewind|pristineState|initialSharedValues|withRunBegun|restartParticipants)(?:<[^>]*>)?\((?:.*[({])?$/;

/** State that something begins with. */
const CONSTANT = /^()(?:export )?const [A-Z_]+: \w*(?:State|Chat|Values|Boundary) = .*\{$/;

const sources = (extension: RegExp): string[] =>
  readdirSync(join(workspace, 'packages'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /^\w+\/(?:src|test)\//.test(path) && extension.test(path))
    .map((path) => join('packages', path));

const textOf = (path: string): string => readFileSync(join(workspace, path), 'utf8');

function mutantsIn(path: string): Mutant[] {
  const lines = textOf(path).split('\n');
  return lines.flatMap((line, index) => {
    const indent = (FUNCTION.exec(line) ?? CONSTANT.exec(line))?.[1];
    if (indent === undefined) return [];
    const from = lines.findIndex((each, at) => at >= index && each.endsWith('{'));
    const to = lines.findIndex(
      (each, at) => at > index && /^\s*\}/.test(each) && each.startsWith(`${indent}}`),
    );
    const isOneLine = line.endsWith('{}') || from === -1 || to <= from;
    if (isOneLine) return [];
    return lines.slice(from + 1, to).flatMap((text, at) => {
      const mutant = { path, line: from + at + 2, text: text.trim() };
      return canBeDeleted(text) ? [mutant] : [];
    });
  });
}

/** Comments say nothing to a test, and without a bracket's other half nothing can be loaded. */
function canBeDeleted(line: string): boolean {
  const text = line.trim();
  if (text === '' || text.startsWith('//') || text.startsWith('*') || text.startsWith('/*'))
    return false;
  const balance = (open: string, close: string): number =>
    text.split(open).length - text.split(close).length;
  return balance('{', '}') === 0 && balance('(', ')') === 0 && balance('[', ']') === 0;
}

/**
 * The tests that have to notice, in the order in which they are likely to: beside the line; about resets, in its package;
 * about resets, anywhere.
 */
function testsFor({ path }: Mutant): readonly (readonly string[])[] {
  const [, name = ''] = path.split('/');
  const isBeside = (test: string): boolean => dirname(test) === dirname(path);
  const tests = sources(/\.test\.ts$/);
  const others = tests.filter((test) => !isBeside(test) && /reset|fork/i.test(textOf(test)));
  const isNear = (test: string): boolean =>
    test.startsWith(`packages/${name}/`) && !test.includes('.property.');
  return [tests.filter(isBeside), others.filter(isNear), others.filter((test) => !isNear(test))];
}

/** Whether a test fails; without a line nothing is left out. */
function isAnyFailing(tests: readonly string[], mutant?: Mutant): boolean {
  if (tests.length === 0) return false;
  const MUTANT = mutant === undefined ? '' : `${join(workspace, mutant.path)}:${mutant.line}`;
  const args = ['run', '--config', 'vitest.mutate.config.ts', '--bail', '1', ...tests];
  const env = { ...process.env, MUTANT };
  return (
    spawnSync(vitest, args, { cwd: workspace, env, stdio: 'ignore', timeout: PATIENCE_MS })
      .status !== 0
  );
}

function keyOf({ path, text }: Mutant): string {
  return `${path}: ${text}`;
}

/** Why no test can notice, where none can. */
function excuseFor(mutant: Mutant): string | undefined {
  if (UNDEFINED_FIELD.test(mutant.text)) return 'the same when absent';
  return EQUIVALENT.get(keyOf(mutant));
}

const [, , part = ''] = process.argv;
const mutants = sources(/(?<!\.test)(?<!\.test-d)\.ts$/)
  .filter((path) => path.includes('/src/') && path.includes(part))
  .flatMap(mutantsIn);
const [first] = mutants;
if (first !== undefined && testsFor(first).some((tests) => isAnyFailing(tests)))
  throw new Error('Expected every test to pass while nothing is left out, but one fails.');
const survivors: Mutant[] = [];
for (const mutant of mutants) {
  const reason = excuseFor(mutant);
  const verdict =
    reason ??
    (testsFor(mutant).some((tests) => isAnyFailing(tests, mutant)) ? 'noticed' : 'SURVIVES');
  if (verdict === 'SURVIVES') survivors.push(mutant);
  console.log(`${verdict}: ${mutant.path}:${mutant.line} ${mutant.text}`);
}
const known = new Set(mutants.map(keyOf));
const stale = [...EQUIVALENT.keys()].filter((key) => key.includes(part) && !known.has(key));
console.log(
  `${mutants.length} lines, ${survivors.length} survive, ${stale.length} excuses are stale.`,
);
for (const key of stale) console.log(`stale: ${key}`);
process.exitCode = survivors.length + stale.length === 0 ? 0 : 1;
