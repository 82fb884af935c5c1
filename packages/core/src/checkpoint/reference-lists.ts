import { isRecord, type JsonValue } from '../primitives/json.ts';
import { type JsonPath } from './places.ts';

/** The beginning of a list that lies elsewhere already. */
export interface KnownBeginning {
  readonly path: JsonPath;
  /** How many items are the same. */
  readonly length: number;
}

/** Shorter beginnings are told whole; saying where they lie would take as long. */
const LEAST_LENGTH = 6;
/** Lists are looked for within the first items of others only: a long history must not cost anything. */
const MOST_ITEMS = 16;

/**
 * The lists of references that a state holds, such as one conversation in the memory of each participant.
 *
 * Owns an index of them, made when it is first asked.
 */
export class ReferenceLists {
  readonly #root: JsonValue;
  #byFirst:
    | Map<number, { readonly list: readonly JsonValue[]; readonly path: JsonPath }[]>
    | undefined;

  constructor(root: JsonValue) {
    this.#root = root;
  }

  /** The list that begins with the most items of `list`; `undefined` where none has enough of them. */
  find(list: readonly JsonValue[]): KnownBeginning | undefined {
    const first = referenceOf(list[0]);
    if (list.length < LEAST_LENGTH || first === undefined) return undefined;
    this.#byFirst ??= this.#index();
    let best: KnownBeginning | undefined;
    for (const known of this.#byFirst.get(first) ?? []) {
      const length = commonLength(known.list, list);
      if (length >= LEAST_LENGTH && length > (best?.length ?? 0))
        best = { path: known.path, length };
    }
    return best;
  }

  #index(): Map<number, { list: readonly JsonValue[]; path: JsonPath }[]> {
    const byFirst = new Map<number, { list: readonly JsonValue[]; path: JsonPath }[]>();
    const visit = (value: JsonValue, path: JsonPath): void => {
      if (typeof value !== 'object' || value === null) return;
      const first = Array.isArray(value) ? referenceOf(value[0]) : undefined;
      if (first === undefined || !Array.isArray(value)) {
        if (Array.isArray(value))
          for (const [index, part] of value.slice(0, MOST_ITEMS).entries())
            visit(part, [...path, index]);
        else for (const [key, part] of Object.entries(value)) visit(part, [...path, key]);
        return;
      }
      const lists = byFirst.get(first) ?? [];
      lists.push({ list: value, path });
      byFirst.set(first, lists);
    };
    visit(this.#root, []);
    return byFirst;
  }
}

/** The number that `{ $r: number }` refers to. */
export function referenceOf(value: JsonValue | undefined): number | undefined {
  const index = isRecord(value) ? value['$r'] : undefined;
  return typeof index === 'number' ? index : undefined;
}

function commonLength(left: readonly JsonValue[], right: readonly JsonValue[]): number {
  let length = 0;
  while (length < left.length && length < right.length) {
    const reference = referenceOf(left[length]);
    if (reference === undefined || reference !== referenceOf(right[length])) return length;
    length += 1;
  }
  return length;
}
