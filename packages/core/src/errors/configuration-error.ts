import { ColloquyError } from './colloquy-error.ts';

/** Something was configured in a way that can never work; thrown where it is built, not at its first use. */
export class ConfigurationError extends ColloquyError {
  static override readonly errorName: string = 'ConfigurationError';

  constructor(message: string, options: { readonly code?: string; readonly cause?: unknown } = {}) {
    super(message, { code: options.code ?? 'configuration/invalid', cause: options.cause });
  }
}
