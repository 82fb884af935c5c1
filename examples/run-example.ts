/** Runs the example whose folder is named: `pnpm example hello-workflow`. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const mainOf = (name: string): string => join(import.meta.dirname, name, 'main.ts');
const names = readdirSync(import.meta.dirname).filter((name) => existsSync(mainOf(name)));
const [name] = process.argv.slice(2);

if (name !== undefined && names.includes(name)) {
  await import(pathToFileURL(mainOf(name)).href);
} else {
  console.error(
    `Expected the name of an example, got ${name === undefined ? 'none' : `"${name}"`}. There are: ${names.join(', ')}.`,
  );
  process.exitCode = 1;
}
