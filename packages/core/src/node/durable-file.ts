import { createHash } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { CheckpointDecodeError } from '../errors/checkpoint-errors.ts';
import { messageOf } from '../errors/message-of.ts';
import { type JsonValue } from '../primitives/json.ts';

/** A name for any text that is safe as a file's name and never leads out of a folder. */
export function fileNameOf(...texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 40);
}

/**
 * Writes a file that nobody has written yet; says whether it was this call.
 *
 * The file appears whole and on the disk, or not at all: it is written under another name, synchronised, and linked.
 */
export async function createFile(path: string, value: JsonValue): Promise<boolean> {
  return viaTemporary(path, value, async (temporary) => {
    try {
      await link(temporary, path);
      return true;
    } catch (error) {
      if (isErrno(error, 'EEXIST')) return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  });
}

/** Writes a file in place of the one that is there, whole or not at all. */
export async function replaceFile(path: string, value: JsonValue): Promise<void> {
  await viaTemporary(path, value, async (temporary) => {
    await rename(temporary, path);
    return true;
  });
}

async function viaTemporary(
  path: string,
  value: JsonValue,
  publish: (temporary: string) => Promise<boolean>,
): Promise<boolean> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `tmp-${process.pid}-${(temporaries += 1)}`);
  const text = JSON.stringify(value);
  try {
    await writeSynchronised(temporary, `${checksumOf(text)}\n${text}`);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const isPublished = await publish(temporary);
  await synchronise(folder);
  return isPublished;
}

let temporaries = 0;

async function writeSynchronised(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a folder's new names outlast a crash of the machine. */
async function synchronise(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Reads what was written; `undefined` where there is no such file.
 *
 * @throws {CheckpointDecodeError} when the file was cut, changed, or is none of ours.
 */
export async function readDurable(path: string): Promise<JsonValue | undefined> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
  const end = content.indexOf('\n');
  const text = content.slice(end + 1);
  if (end < 0 || content.slice(0, end) !== checksumOf(text))
    throw new CheckpointDecodeError(`the file ${path} was cut or changed; restore or delete it`);
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch (error) {
    throw new CheckpointDecodeError(`the file ${path} is not JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function checksumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Whether the system said so, such as `ENOENT`. */
export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === code;
}
