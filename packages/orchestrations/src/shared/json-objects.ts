import { type JsonObject } from '@colloquy/core';

import { relaxedToJson } from './relaxed-json.ts';

/** How often a long text may be walked through for braces that open no object, before the rest is not looked at. */
const MAX_WALKS = 10;

/** A text so short, in characters, may be walked through more often. */
const SHORT_LENGTH = 10_000;

/** What trying an object costs beside the walk through it, in characters. */
const COST_OF_TRYING = 1000;

/**
 * The JSON objects that stand in a text, in order, whatever is around them.
 *
 * Takes what models write for JSON: Python's literals, single quotes, comments, commas at the end, names without quotes.
 * Nothing is run, and no value comes out that is not in the text. Takes time in proportion to the text's length.
 */
export function jsonObjectsIn(text: string): JsonObject[] {
  const objects: JsonObject[] = [];
  let left = MAX_WALKS * Math.max(text.length, SHORT_LENGTH);
  let start = text.indexOf('{');
  while (start !== -1 && left > 0) {
    const end = endOfObject(text, start);
    const object = end === undefined ? undefined : tryParseObject(text.slice(start, end));
    if (object === undefined) left -= COST_OF_TRYING + (end ?? text.length) - start;
    else objects.push(object);
    start = text.indexOf('{', object === undefined ? start + 1 : (end ?? start + 1));
  }
  return objects;
}

/** Where the object that opens at `start` closes; braces inside strings do not count. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  let quote: string | undefined;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (quote !== undefined) {
      if (character === '\\') index += 1;
      else if (character === quote) quote = undefined;
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '{') depth += 1;
    else if (character === '}') depth -= 1;
    if (depth === 0) return index + 1;
  }
  return undefined;
}

function tryParseObject(text: string): JsonObject | undefined {
  return tryParse(text) ?? tryParse(relaxedToJson(text));
}

function tryParse(text: string): JsonObject | undefined {
  try {
    const value: JsonObject = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
