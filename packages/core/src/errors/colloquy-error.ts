const BRAND = Symbol.for('colloquy.error');

/** What every error of the library is built from. */
export interface ColloquyErrorOptions {
  /** Stable, machine-readable name of the failure, such as `workflow/busy`. */
  readonly code: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

interface ErrorClass<T extends ColloquyError> {
  readonly errorName: string;
  readonly prototype: T;
}

/**
 * The base of every error this library throws.
 *
 * Test `error.code` or `SomeError.isInstance(error)`; unlike `instanceof`, the latter also holds when two copies of
 * a package are loaded.
 */
export class ColloquyError extends Error {
  /** Name of the class, written out because a minifier may rename classes. */
  static readonly errorName: string = 'ColloquyError';

  /** Stable, machine-readable name of the failure. */
  readonly code: string;

  constructor(message: string, options: ColloquyErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    const names = errorNamesOf(new.target);
    this.name = names[0] ?? ColloquyError.errorName;
    Object.defineProperty(this, BRAND, { value: names });
  }

  /** Claims that a value is an error of this class or of one derived from it. */
  static isInstance<T extends ColloquyError>(this: ErrorClass<T>, value: unknown): value is T {
    if (typeof value !== 'object' || value === null) return false;
    const names: unknown = Reflect.get(value, BRAND);
    return Array.isArray(names) && names.includes(this.errorName);
  }
}

/** The names of a class and its bases, most derived first. */
function errorNamesOf(errorClass: unknown): string[] {
  const names: string[] = [];
  let current = errorClass;
  while (typeof current === 'function') {
    const name: unknown = Reflect.get(current, 'errorName');
    if (typeof name === 'string' && !names.includes(name)) names.push(name);
    current = Object.getPrototypeOf(current);
  }
  return names;
}
