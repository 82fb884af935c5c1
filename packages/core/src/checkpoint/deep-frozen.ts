/** Objects that are known to be deeply frozen plain data, and so can never change. */
const known = new WeakSet();

/** How deep a value may be nested; deeper ones are refused rather than risk the stack. */
export const MAX_DEPTH = 500;

/**
 * Whether a value is plain data that can never change: JSON and `undefined`, every object and array of it frozen.
 *
 * The answer is remembered where it is yes.
 */
export function isDeepFrozen(value: object, depth = 0): boolean {
  if (known.has(value)) return true;
  if (depth > MAX_DEPTH || !Object.isFrozen(value) || !isPlain(value)) return false;
  const keys = Reflect.ownKeys(value).filter((key) => !(Array.isArray(value) && key === 'length'));
  if (Array.isArray(value) && keys.length !== value.length) return false;
  if (!keys.every((key) => isFrozenField(value, key, depth))) return false;
  known.add(value);
  return true;
}

function isFrozenField(value: object, key: string | symbol, depth: number): boolean {
  const field = Object.getOwnPropertyDescriptor(value, key);
  if (typeof key !== 'string' || key === '__proto__') return false;
  return field?.enumerable === true && 'value' in field && isFrozenPart(field.value, depth);
}

function isFrozenPart(part: unknown, depth: number): boolean {
  if (part === null || part === undefined) return true;
  if (typeof part === 'string' || typeof part === 'boolean') return true;
  if (typeof part === 'number') return Number.isFinite(part) && !Object.is(part, -0);
  return typeof part === 'object' && isDeepFrozen(part, depth + 1);
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return Object.getPrototypeOf(value) === Array.prototype;
  return Object.getPrototypeOf(value) === Object.prototype;
}
