import { ConfigurationError } from '../errors/configuration-error.ts';
import { describeValue } from '../primitives/json.ts';

/** How values of one kind become what the codecs can carry, and back. */
export interface Codec<TValue = unknown> {
  /** Names the kind in checkpoints; it must stay the same as long as checkpoints are kept. */
  readonly tag: string;
  /** Whether a value is of this kind. */
  readonly is: (value: unknown) => value is TValue;
  /** Gives plain data; what it gives is encoded in turn. */
  readonly encode: (value: TValue) => unknown;
  /** Makes a value from what `encode` gave, and throws where it is something else. */
  readonly decode: (encoded: unknown) => TValue;
}

/** The tags that the library uses itself. */
const RESERVED: ReadonlySet<string> = new Set([
  'undefined',
  'number',
  'bigint',
  'date',
  'map',
  'record',
  'set',
  'bytes',
  'url',
  'error',
  'bare',
]);

/** A registered codec, whose `encode` has been told by `is` what it gets. */
interface RegisteredCodec {
  readonly tag: string;
  readonly is: (value: unknown) => boolean;
  readonly encode: (value: never) => unknown;
  readonly decode: (encoded: unknown) => unknown;
}

/** Codecs belong to the process, as the classes they carry do. */
const codecs = new Map<string, RegisteredCodec>();

/**
 * Lets checkpoints carry values of one's own kind; the returned function takes it back.
 *
 * @throws {ConfigurationError} `codec/invalid` when the tag is empty or taken, or a part is missing.
 */
export function registerCodec<TValue>(codec: Codec<TValue>): () => void {
  const { tag } = codec;
  const isTag = typeof tag === 'string' && tag !== '';
  if (!isTag || RESERVED.has(tag) || codecs.has(tag)) {
    throw new ConfigurationError(
      `Expected a codec with a tag that is not taken, got ${describeValue(tag)}. Taken are ${[...RESERVED, ...codecs.keys()].join(', ')}.`,
      { code: 'codec/invalid' },
    );
  }
  for (const part of ['is', 'encode', 'decode'] as const) {
    if (typeof codec[part] === 'function') continue;
    throw new ConfigurationError(
      `Expected the codec "${tag}" to have a function ${part}, got ${describeValue(codec[part])}.`,
      { code: 'codec/invalid' },
    );
  }
  codecs.set(tag, codec);
  return () => {
    if (codecs.get(tag) === codec) codecs.delete(tag);
  };
}

/** The registered codec that takes a value. */
export function findCodecFor(value: unknown): RegisteredCodec | undefined {
  if (codecs.size === 0) return undefined;
  for (const codec of codecs.values()) if (codec.is(value)) return codec;
  return undefined;
}

/** The registered codec of a tag. */
export function findCodec(tag: string): RegisteredCodec | undefined {
  return codecs.get(tag);
}
