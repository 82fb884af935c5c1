import { type StandardSchema } from './standard-schema.ts';

/** Makes a schema from a type guard: what the guard claims is taken as it is. */
export function guardSchema<TValue>(
  expected: string,
  guard: (value: unknown) => value is TValue,
): StandardSchema<TValue, TValue> {
  return {
    '~standard': {
      version: 1,
      vendor: 'colloquy',
      validate: (value) =>
        guard(value) ? { value } : { issues: [{ message: `expected ${expected}` }] },
    },
  };
}
