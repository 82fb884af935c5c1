/** Claims that a value is an object with string keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at a key; empty where there is none. */
export function recordAt(fields: unknown, key: string): Record<string, unknown> {
  const value = isRecord(fields) ? fields[key] : undefined;
  return isRecord(value) ? value : {};
}

/** The objects of a list at a key. */
export function recordsAt(fields: unknown, key: string): Record<string, unknown>[] {
  const value = isRecord(fields) ? fields[key] : undefined;
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** The text at a key; empty where there is none. */
export function textAt(fields: unknown, key: string): string {
  const value = isRecord(fields) ? fields[key] : undefined;
  return typeof value === 'string' ? value : '';
}
