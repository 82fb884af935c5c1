import { isRecord, type JsonObject, type JsonValue } from '../primitives/json.ts';
import { toErrorDetails } from './error-details.ts';
import { type WorkflowEvent } from './workflow-event.ts';

/**
 * Turns any event into JSON; never throws, whatever its payload is.
 *
 * What JSON cannot carry becomes a marker `{ "$unserializable": "what it was" }`; errors become their details.
 */
export function eventToJson(event: WorkflowEvent): JsonObject {
  const json = toJson(event, new Set());
  return isJsonObject(json) ? json : {};
}

function toJson(value: unknown, parents: ReadonlySet<object>): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value !== 'object')
    return marker(
      typeof value === 'bigint'
        ? `bigint ${value}`
        : typeof value === 'number'
          ? String(value)
          : typeof value,
    );
  if (parents.has(value)) return marker('cycle');
  try {
    return objectToJson(value, new Set(parents).add(value));
  } catch {
    return marker('object that cannot be read');
  }
}

function objectToJson(value: object, parents: ReadonlySet<object>): JsonValue {
  if (value instanceof Error) return toJson(toErrorDetails(value), parents);
  if (Array.isArray(value)) return value.map((item: unknown) => toJson(item, parents));
  const toJsonMethod: unknown = Reflect.get(value, 'toJSON');
  if (typeof toJsonMethod === 'function') {
    const replaced: unknown = Reflect.apply(toJsonMethod, value, []);
    return toJson(replaced, parents);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && Object.keys(value).length === 0) {
    return marker(Object.prototype.toString.call(value).slice(8, -1));
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, toJson(item, parents)]),
  );
}

function marker(what: string): JsonObject {
  return { $unserializable: what };
}

function isJsonObject(value: JsonValue): value is JsonObject {
  return isRecord(value);
}
