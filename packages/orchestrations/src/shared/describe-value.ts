const MAX_LENGTH = 80;

/** Says what a value is, for an error message: its type and how it begins. Never throws. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  const type = Array.isArray(value) ? `array of ${value.length}` : typeof value;
  const text = previewOf(value);
  return `${type} ${text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text}`;
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
