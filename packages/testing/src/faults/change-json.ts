import { type JsonObject, type JsonValue } from '@colloquy/core';

import { type SeededRandom } from '../random/seeded-random.ts';
import { type FaultKind } from './fault-kinds.ts';

/**
 * The text of a reply that was to be one JSON object, with a fault done to it.
 *
 * `undefined` where the fault cannot be done: the text is no JSON object, or has nothing that the fault could change.
 */
export function changeJson(
  kind: FaultKind,
  text: string,
  random: SeededRandom,
): string | undefined {
  const value = tryParseObject(text);
  if (value === undefined) return undefined;
  switch (kind) {
    case 'repeated-json':
      return `${text}\n${text}`;
    case 'fenced-json':
      return `Here is what you asked for:\n\`\`\`json\n${text}\n\`\`\`\nTell me if you need {more}.`;
    case 'truncated-json':
      return text.slice(0, Math.ceil(text.length / 2));
    case 'wrong-case-speaker':
      return withSpeaker(value, (name) => name.toUpperCase());
    case 'unknown-speaker':
      return withSpeaker(value, () => 'somebody else');
    case 'text-booleans':
      return changed(value, booleansToText(value));
    case 'missing-key':
      return withoutKey(value, random.pick(Object.keys(value)));
    case 'extra-key':
      return JSON.stringify({ ...value, confidence: { level: 'high', certain: true } });
    default:
      return undefined;
  }
}

function tryParseObject(text: string): JsonObject | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A speaker is named by a text, or by an object with a reason and an answer. */
function withSpeaker(value: JsonObject, rename: (name: string) => string): string | undefined {
  const speaker = value['next_speaker'];
  if (typeof speaker === 'string')
    return changed(value, { ...value, next_speaker: rename(speaker) });
  if (!isObject(speaker) || typeof speaker['answer'] !== 'string') return undefined;
  const renamed = { ...speaker, answer: rename(speaker['answer']) };
  return changed(value, { ...value, next_speaker: renamed });
}

function booleansToText(value: JsonValue): JsonValue {
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map(booleansToText);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, booleansToText(each ?? null)]),
  );
}

function withoutKey(value: JsonObject, missing: string | undefined): string | undefined {
  const entries = Object.entries(value).filter(([key]) => key !== missing);
  return changed(value, Object.fromEntries(entries));
}

function changed(before: JsonValue, after: JsonValue): string | undefined {
  const text = JSON.stringify(after);
  return text === JSON.stringify(before) ? undefined : text;
}
