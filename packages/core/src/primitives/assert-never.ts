/** Marks a place that no variant of a union reaches; adding a variant makes the call a compile error. */
export function assertNever(value: never, what = 'value'): never {
  throw new TypeError(`Expected every ${what} to be covered, got ${JSON.stringify(value)}.`);
}
