import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { type JsonValue } from '@colloquy/core';

import { CassetteError } from './cassette-error.ts';
import { mismatchOf } from './mismatch.ts';
import { type Redact, redacted } from './redact.ts';
import { parseRecordings, printRecordings, type Recording } from './recording.ts';
import { ReplayOrder } from './replay-order.ts';
import { printRequest, type RequestKey } from './request-key.ts';

/** The first requests are replayed, what follows is asked; made by `replayUntil`. */
export interface ReplayUntil {
  readonly kind: 'replay_until';
  readonly calls: number;
}

/**
 * What a cassette is for: to answer every request (`replay`), to ask and record every request (`record`), to ask and
 * record what it does not have (`record-missing`), or to answer the first requests only.
 */
export type CassetteMode = 'replay' | 'record' | 'record-missing' | ReplayUntil;

/** How a cassette is opened. */
export interface CassetteOptions {
  /** Default `replay`. */
  readonly mode?: CassetteMode | undefined;
  /** Replaces secrets beside those that are known by their looks; applied to every text before it is stored or compared. */
  readonly redact?: Redact | undefined;
}

/** Replays so many requests, in the order in which they come, and then goes live; what is asked then is not recorded. */
export function replayUntil(calls: number): ReplayUntil {
  return { kind: 'replay_until', calls };
}

/** What is to be done with a request. */
export type CassetteDecision =
  | { readonly kind: 'replay'; readonly recording: Recording }
  | { readonly kind: 'record'; readonly call: number }
  | { readonly kind: 'live' };

/**
 * Recordings of requests to models, in a file. Several clients may share one: those of a team.
 *
 * Owns its file while it records, what was recorded, and which of it has been replayed.
 *
 * Invariants:
 * - C1: a recording is replayed once.
 * - C2: whatever is stored has passed `redact`.
 * - C3: nothing is written over that another has written meanwhile.
 */
export class Cassette {
  readonly path: string;
  readonly mode: CassetteMode;
  readonly redact: Redact;
  readonly order: ReplayOrder;
  readonly #recordings: Recording[];
  readonly #replayed = new Set<Recording>();
  /** How many requests came, per path and agent. */
  readonly #calls = new Map<string, number>();
  /** What could not be stored when nobody listened. */
  readonly #failures: unknown[] = [];
  #requests = 0;
  #time: number;
  #text: string | undefined;

  /** @throws {CassetteError} `testing/cassette-missing`, `testing/cassette-unreadable`. */
  constructor(path: string, { mode = 'replay', redact = (text) => text }: CassetteOptions = {}) {
    this.path = path;
    this.mode = mode;
    this.redact = redact;
    this.#text = mode === 'record' ? undefined : tryRead(path);
    if (this.#text === undefined && mode !== 'record' && mode !== 'record-missing')
      throw new CassetteError(
        `Expected recordings in "${path}", got no such file. Record them first: mode 'record'.`,
        { code: 'testing/cassette-missing' },
      );
    this.#recordings = this.#text === undefined ? [] : parseRecordings(this.#text, path);
    const times = this.#recordings.flatMap(({ startedAt, pieces, endedAt }) => [
      startedAt,
      ...pieces.map(({ at }) => at),
      endedAt,
    ]);
    this.#time = Math.max(-1, ...times);
    this.order = new ReplayOrder(times);
  }

  /** What was recorded and not replayed. */
  get unused(): readonly Recording[] {
    return this.#recordings.filter((recording) => !this.#replayed.has(recording));
  }

  /** Has the next request fail with what nobody could be told. */
  fail(error: unknown): void {
    this.#failures.push(error);
  }

  /** C1: says what is to be done with a request. @throws {CassetteError} `testing/cassette-mismatch`. */
  decide(key: RequestKey): CassetteDecision {
    if (this.#failures.length > 0) throw this.#failures[0];
    this.#requests += 1;
    const name = JSON.stringify([key.path, key.agent]);
    const call = this.#calls.get(name) ?? 0;
    this.#calls.set(name, call + 1);
    if (typeof this.mode === 'object' && this.#requests > this.mode.calls) return { kind: 'live' };
    if (this.mode === 'record') return { kind: 'record', call };
    const recording = this.#find(key, call);
    if (recording !== undefined) {
      this.#replayed.add(recording);
      return { kind: 'replay', recording };
    }
    if (this.mode === 'record-missing') return { kind: 'record', call };
    throw mismatchOf(key, this.#recordings, this.path);
  }

  /** The next position in the order of everything that happens. */
  nextTime(): number {
    this.#time += 1;
    return this.#time;
  }

  /** C2, C3: keeps a recording and writes the file. @throws {CassetteError} `testing/cassette-shared`. */
  add(recording: Recording): void {
    const kept = withoutSecrets(recording, this.redact);
    this.#recordings.push(kept);
    this.#replayed.add(kept);
    const text = printRecordings(this.#recordings);
    if (this.#text !== undefined && tryRead(this.path) !== this.#text)
      throw new CassetteError(
        `Expected "${this.path}" to be written by one cassette, but another has written it too. Open it once, new Cassette(path), and give that to every client.`,
        { code: 'testing/cassette-shared' },
      );
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(`${this.path}.part`, text);
    renameSync(`${this.path}.part`, this.path);
    this.#text = text;
  }

  /** The same request at its own place, else at another place of the run, else of nobody it knows. */
  #find(key: RequestKey, call: number): Recording | undefined {
    const same = this.unused.filter(
      ({ agent, request }) => agent === key.agent && printRequest(request) === key.text,
    );
    const here = same.filter(({ path }) => path === key.path);
    return here.find((recording) => recording.call === call) ?? here[0] ?? same[0];
  }
}

/** Plain JSON that stays what it is, but for its texts. */
function withoutSecrets(recording: Recording, redact: Redact): Recording {
  const plain: JsonValue = JSON.parse(JSON.stringify(recording));
  return redacted(plain, redact) as JsonValue & Recording;
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return undefined;
    throw error;
  }
}
