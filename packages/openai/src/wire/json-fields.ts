/** Claims that a value is an object with string keys: neither null nor an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text at `key`, or `undefined` where there is no text. */
export function stringAt(record: Record<string, unknown>, key: string): string | undefined {
  const value = record[key];
  return typeof value === 'string' ? value : undefined;
}

/** The text at `key`; empty text counts as absent, as servers send it where they have nothing to say. */
export function filledStringAt(record: Record<string, unknown>, key: string): string | undefined {
  return stringAt(record, key) || undefined;
}

/** The number at `key`, or `undefined` where there is no number. */
export function numberAt(record: Record<string, unknown>, key: string): number | undefined {
  const value = record[key];
  return typeof value === 'number' ? value : undefined;
}

/** The object at `key`, or an empty one. */
export function recordAt(record: Record<string, unknown>, key: string): Record<string, unknown> {
  const value = record[key];
  return isRecord(value) ? value : {};
}

/** The objects in the list at `key`; what is not an object is left out. */
export function recordsAt(record: Record<string, unknown>, key: string): Record<string, unknown>[] {
  const value: unknown = record[key];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
