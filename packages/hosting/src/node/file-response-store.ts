import { createHash } from 'node:crypto';
import { appendFile, link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { ConfigurationError, type JsonValue } from '@colloquy/core';

import {
  type RecordFilter,
  type RecordKey,
  type ResponseStore,
  type StoredRecord,
} from '../store/response-store.ts';

const EVENTS = 'events.jsonl';

/** One version of a record as its file holds it. */
interface StoredFile {
  readonly key: RecordKey;
  readonly changedAt: number;
  readonly value: JsonValue;
}

/**
 * Keeps responses and conversations as files: one folder a record, one file a version, each written whole and synchronised.
 *
 * Several processes may use one folder: a version's file is created once, so of two that replace the same version only one
 * can. Names are hashes: no id leads out of the folder.
 *
 * Owns nothing but the path; everything lies on the disk.
 *
 * Invariants:
 * - D1: a version that was begun and not finished is never looked at.
 */
export class FileResponseStore implements ResponseStore {
  readonly #folder: string;
  #temporaries = 0;

  /** @param folder - Made when the first record is stored. */
  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  async get(key: RecordKey): Promise<StoredRecord | undefined> {
    const found = await readLatest(this.#folderOf(key));
    return found === undefined ? undefined : { value: found.file.value, version: found.version };
  }

  async insert(key: RecordKey, value: JsonValue): Promise<boolean> {
    const folder = this.#folderOf(key);
    await mkdir(folder, { recursive: true });
    if ((await versionsIn(folder)).length > 0) return false;
    return this.#publish(folder, 1, { key, value });
  }

  async replace(key: RecordKey, value: JsonValue, version: number): Promise<boolean> {
    const folder = this.#folderOf(key);
    const latest = (await versionsIn(folder)).at(-1);
    if (latest !== version) return false;
    const isWritten = await this.#publish(folder, version + 1, { key, value });
    if (!isWritten) return false;
    const versions = await versionsIn(folder);
    // Another process has gone further meanwhile, and removed what would have been in the way.
    if (versions.at(-1) !== version + 1) {
      await rm(join(folder, fileOf(version + 1)), { force: true });
      return false;
    }
    for (const old of versions)
      if (old < version + 1) await rm(join(folder, fileOf(old)), { force: true });
    return true;
  }

  async delete(key: RecordKey): Promise<boolean> {
    const folder = this.#folderOf(key);
    const isThere = (await versionsIn(folder)).length > 0;
    await rm(folder, { recursive: true, force: true });
    return isThere;
  }

  async appendEvents(key: RecordKey, events: readonly JsonValue[]): Promise<void> {
    const folder = this.#folderOf(key);
    if ((await versionsIn(folder)).length === 0) return;
    const lines = events.map((event) => `${JSON.stringify(event)}\n`);
    await appendFile(join(folder, EVENTS), lines.join(''));
  }

  async events(key: RecordKey, from: number): Promise<readonly JsonValue[]> {
    const text = await readText(join(this.#folderOf(key), EVENTS));
    // What follows the last line break was cut off by a crash.
    const lines = (text ?? '').split('\n').slice(0, -1);
    return lines.slice(from).map((line) => JSON.parse(line));
  }

  async list({ kind, before, limit }: RecordFilter): Promise<readonly RecordKey[]> {
    const root = join(this.#folder, kind);
    const files: StoredFile[] = [];
    for (const name of await namesIn(root)) {
      const found = await readLatest(join(root, name));
      if (found !== undefined && found.file.changedAt < before) files.push(found.file);
    }
    return files
      .toSorted((left, right) => left.changedAt - right.changedAt)
      .slice(0, limit)
      .map(({ key }) => key);
  }

  async close(): Promise<void> {
    // Nothing is kept open.
  }

  #folderOf({ tenant, kind, id }: RecordKey): string {
    const name = createHash('sha256')
      .update(JSON.stringify([tenant, id]))
      .digest('hex');
    return join(this.#folder, kind, name);
  }

  /** D1: creates a version's file, whole, unless there is one; says whether it did. */
  async #publish(
    folder: string,
    version: number,
    { key, value }: Pick<StoredFile, 'key' | 'value'>,
  ): Promise<boolean> {
    this.#temporaries += 1;
    const temporary = join(folder, `tmp-${process.pid}-${this.#temporaries}`);
    const file: StoredFile = { key, changedAt: Date.now(), value };
    try {
      await writeSynchronised(temporary, JSON.stringify(file));
      await link(temporary, join(folder, fileOf(version)));
      return true;
    } catch (error) {
      // Another has made this version, or removed the record.
      if (isErrno(error, 'EEXIST') || isErrno(error, 'ENOENT')) return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  }
}

function fileOf(version: number): string {
  return `v${String(version).padStart(10, '0')}.json`;
}

/** The versions of a record that there are, in order. */
async function versionsIn(folder: string): Promise<readonly number[]> {
  return (await namesIn(folder))
    .flatMap((name) => /^v(\d+)\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((left, right) => left - right);
}

async function readLatest(
  folder: string,
): Promise<{ readonly version: number; readonly file: StoredFile } | undefined> {
  for (;;) {
    const version = (await versionsIn(folder)).at(-1);
    if (version === undefined) return undefined;
    const text = await readText(join(folder, fileOf(version)));
    // Between the two steps it may have been replaced.
    if (text !== undefined) return { version, file: parse(text, folder) };
  }
}

function parse(text: string, folder: string): StoredFile {
  try {
    const file: StoredFile = JSON.parse(text);
    return file;
  } catch (error) {
    throw new ConfigurationError(
      `Expected the files in ${folder} to be as they were written, got one that is no JSON. Restore or delete it.`,
      { code: 'hosting/unreadable-record', cause: error },
    );
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function writeSynchronised(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === code;
}
