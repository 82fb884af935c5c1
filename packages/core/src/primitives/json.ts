/** A value that JSON can carry without loss. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A JSON object. */
export type JsonObject = { readonly [key: string]: JsonValue };

/** Claims that a value is an object with string keys: neither null nor an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** About how many characters the JSON text of a value has; the text is not made. */
export function jsonLength(value: JsonValue): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 4;
  let length = 2;
  if (isJsonList(value)) for (const item of value) length += jsonLength(item) + 1;
  else
    for (const key of Object.keys(value)) length += key.length + jsonLength(value[key] ?? null) + 4;
  return length;
}

function isJsonList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Parses JSON text, or returns `undefined` where it is not JSON. */
export function tryParseJson(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/**
 * Says in at most `maxLength` characters what a value is, for an error message: its type and how it begins.
 *
 * Never throws, whatever the value's getters or `toJSON` do.
 */
export function describeValue(value: unknown, maxLength = 80): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  const type = Array.isArray(value) ? `array of ${value.length}` : typeof value;
  const text = previewOf(value);
  return `${type} ${text.length > maxLength ? `${text.slice(0, maxLength)}…` : text}`;
}

function previewOf(value: unknown): string {
  // JSON has no NaN and no Infinity.
  if (typeof value === 'number') return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
