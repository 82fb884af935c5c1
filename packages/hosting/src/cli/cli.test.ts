import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';

import { parseCommand } from './command.ts';
import { runCommand } from './run-command.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const team = fileURLToPath(new URL('../../test/team-module.ts', import.meta.url));

const run = (...args: string[]): ChildProcess =>
  spawn(process.execPath, ['--conditions=@colloquy/source', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** Reads until a program has said something, or has ended. */
const readUntil = async (program: ChildProcess, text: string): Promise<string> => {
  let said = '';
  for await (const chunk of program.stdout ?? []) {
    said += String(chunk);
    if (said.includes(text)) return said;
  }
  return said;
};

const refuse = async (...args: string[]): Promise<unknown> => {
  const context = { print: () => {}, apiKey: undefined, signal: AbortSignal.abort() };
  return runCommand(args, context).catch((error: unknown) => error);
};

describe('colloquy serve', () => {
  it('serves what a module exports, prints how to talk to it, and ends cleanly on SIGTERM', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'colloquy-cli-'));
    const program = run('serve', team, '--port', '0', '--data', folder);
    const said = await readUntil(program, 'curl');
    const [, url = ''] = /on (http:\S+)/.exec(said) ?? [];
    const client = new OpenAI({ baseURL: url, apiKey: 'local' });

    const { output_text: text } = await client.responses.create({ model: 'counter', input: 'a' });
    const ended = once(program, 'exit');
    program.kill('SIGTERM');

    expect(text).toBe('1: a');
    expect(said).toContain('Serving counter, publisher on');
    expect(said).toContain(`curl ${url}/responses`);
    expect(await ended).toEqual([0, null]);
    await rm(folder, { recursive: true });
  }, 30_000);

  it('says what is wrong in a sentence, and ends with 1', async () => {
    const program = run('serve', 'nothing.ts', '--port', 'many');
    const ended = once(program, 'exit');
    let said = '';
    for await (const chunk of program.stderr ?? []) said += String(chunk);

    expect(said).toBe('Expected a port from 0 to 65535, got "many". See: colloquy --help\n');
    expect(await ended).toEqual([1, null]);
  }, 30_000);

  it('needs a token on an address that others reach', async () => {
    expect(await refuse('serve', team, '--host', '0.0.0.0')).toMatchObject({
      code: 'hosting/invalid-command',
      message: expect.stringContaining('COLLOQUY_API_KEY'),
    });
  });

  it('needs a module that exports something to serve', async () => {
    expect(await refuse('serve', main.replace('main.ts', 'command.ts'))).toMatchObject({
      code: 'hosting/invalid-module',
      message: expect.stringContaining('HELP, parseCommand'),
    });
  });
});

describe('the command line', () => {
  it('has defaults', () => {
    expect(parseCommand(['serve', 'team.ts'])).toEqual({
      kind: 'serve',
      module: 'team.ts',
      port: 8088,
      hostname: '127.0.0.1',
      data: undefined,
    });
    expect([parseCommand([]), parseCommand(['--help'])]).toEqual([
      { kind: 'help' },
      { kind: 'help' },
    ]);
  });

  it.each([[['run', 'x']], [['serve']], [['serve', 'a', 'b']], [['serve', 'a', '--what']]])(
    'refuses %j',
    (args) => {
      expect(() => parseCommand(args)).toThrow('See: colloquy --help');
    },
  );
});

describe('a served module', () => {
  const serve = async (code: string, apiKey?: string) => {
    const folder = await mkdtemp(join(tmpdir(), 'colloquy-cli-'));
    const module = join(folder, 'module.ts');
    await writeFile(module, code);
    const lines: string[] = [];
    const ending = new AbortController();
    const print = (line: string): void => {
      lines.push(line);
      if (line.startsWith('Try it')) ending.abort();
    };
    const context = { print, apiKey, signal: ending.signal };
    const failure = await runCommand(
      ['serve', module, '--port', '0', '--data', join(folder, 'data')],
      context,
    ).catch((error: unknown) => error);
    await rm(folder, { recursive: true });
    return { lines, failure };
  };
  const workflows = JSON.stringify(
    fileURLToPath(new URL('../../test/workflows.ts', import.meta.url)),
  );

  it('may have a function that makes a workflow as its default', async () => {
    const { lines, failure } = await serve(
      `export { buildCounter as default } from ${workflows};`,
      'token',
    );

    expect(failure).toBeUndefined();
    expect(lines[0]).toMatch(/^Serving counter on http:\/\/127\.0\.0\.1:\d+\/v1$/);
    expect(lines[1]).toContain('-H "authorization: Bearer $COLLOQUY_API_KEY"');
    expect(lines.at(-1)).toBe('Shutting down.');
  });

  it('may have a workflow as its default', async () => {
    const code = `import { buildPublisher } from ${workflows}; export default buildPublisher();`;

    expect((await serve(code)).lines[0]).toContain('Serving publisher on');
  });

  it('has workflows of different names', async () => {
    const code = `import { buildCounter } from ${workflows}; export const a = buildCounter(), b = buildCounter();`;

    expect((await serve(code)).failure).toMatchObject({
      code: 'hosting/invalid-module',
      message: expect.stringContaining('two named "counter"'),
    });
  });
});
