import { type JsonValue } from '../primitives/json.ts';

/**
 * What a model is told of a tool's result: plain JSON.
 *
 * `undefined` is null, and absent where it is a field; an object with `toJSON` is what that gives; an instance of a
 * class is its own fields.
 *
 * @throws {TypeError} for what JSON cannot carry without loss (functions, symbols, bigint, NaN, infinities, maps, sets,
 * bytes, cycles); the message says what was found and where.
 */
export function toJsonResult(toolName: string, result: unknown): JsonValue {
  if (result === undefined) return null;
  const problem = findProblem(result, 'the result', []);
  if (problem !== undefined) {
    throw new TypeError(
      `Expected "${toolName}" to return what JSON can carry, got ${problem}. Return text, or plain objects and lists.`,
    );
  }
  const text: string | undefined = JSON.stringify(result);
  const value: JsonValue = text === undefined ? null : JSON.parse(text);
  return value;
}

/** The first thing that would be lost, and where; `ancestors` are the objects around it. A field that is `undefined` is no loss. */
function findProblem(
  value: unknown,
  place: string,
  ancestors: readonly object[],
): string | undefined {
  if (typeof value !== 'object' || value === null)
    return isLostAlone(value) ? `${nameOf(value)} as ${place}` : undefined;
  if (ancestors.includes(value)) return `a circle at ${place}`;
  const around = [...ancestors, value];
  const toJson: unknown = Reflect.get(value, 'toJSON');
  if (typeof toJson === 'function') return findProblem(toJson.call(value), place, around);
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1);
  if (kind !== 'Object' && kind !== 'Array') return `a ${kind} as ${place}`;
  return findFirst(Object.entries(value), ([key, item]) =>
    findProblem(item, `${place}.${key}`, around),
  );
}

function isLostAlone(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  return ['function', 'symbol', 'bigint'].includes(typeof value);
}

function nameOf(value: unknown): string {
  return typeof value === 'number' ? String(value) : `a ${typeof value}`;
}

function findFirst<T>(
  items: readonly T[],
  find: (item: T) => string | undefined,
): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
