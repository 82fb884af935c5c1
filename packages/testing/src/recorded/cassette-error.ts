import { ColloquyError } from '@colloquy/core';

/** A recorded model cannot answer, or a cassette cannot be used; `code` says which. */
export class CassetteError extends ColloquyError {
  static override readonly errorName: string = 'CassetteError';
}
