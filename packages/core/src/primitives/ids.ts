/** What the library makes ids for. */
export type IdKind = 'agent' | 'branch' | 'checkpoint' | 'run' | 'session' | 'thread';

/** Makes ids; never the same twice in one process, nor in two that share a store. Tests replace it. */
export type IdSource = (kind: IdKind) => string;

let counter = 0;

/** Eight base-36 characters that differ between processes, so that counted ids never meet. */
const processPrefix = Array.from(globalThis.crypto.getRandomValues(new Uint8Array(8)), (byte) =>
  (byte % 36).toString(36),
).join('');

/**
 * Creates an id such as `run_4k2j9x0a_1f`: a counter behind a random prefix of the process.
 *
 * A counter costs a tenth of a random UUID and keeps ids of one process in the order they were made.
 */
export function createId(kind: IdKind): string {
  counter += 1;
  return `${kind}_${processPrefix}_${counter.toString(36)}`;
}
