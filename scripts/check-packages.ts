/**
 * Packs every package as it would be published and asks publint and attw whether others can use it.
 *
 * Expects the packages to be built: `tsc -b`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const workspace = join(import.meta.dirname, '..');
const bin = (name: string): string => join(workspace, 'node_modules', '.bin', name);

/** Runs a tool; its output is shown only when it fails. */
function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    if (error instanceof Error && 'stdout' in error) process.stderr.write(String(error.stdout));
    if (error instanceof Error && 'stderr' in error) process.stderr.write(String(error.stderr));
    throw new Error(`${command} ${args.join(' ')} failed in ${cwd}`, { cause: error });
  }
}

const pnpm = process.env['npm_execpath'] ?? 'pnpm';
const folder = mkdtempSync(join(tmpdir(), 'colloquy-pack-'));
try {
  for (const name of readdirSync(join(workspace, 'packages'))) {
    const root = join(workspace, 'packages', name);
    const isScript = /\.[cm]?js$/.test(pnpm);
    const pack = ['pack', '--pack-destination', folder];
    run(isScript ? process.execPath : pnpm, isScript ? [pnpm, ...pack] : pack, root);
    const tarball = readdirSync(folder).find((file) => file.startsWith(`colloquy-${name}-`));
    if (tarball === undefined) throw new Error(`pnpm pack made no tarball for ${name}`);
    run(bin('publint'), [join(folder, tarball), '--strict'], root);
    run(bin('attw'), [join(folder, tarball), '--profile', 'esm-only'], root);
    console.log(`@colloquy/${name}: publint and attw find nothing`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
