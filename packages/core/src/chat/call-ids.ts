import { type FunctionCallContent } from '../messages/content.ts';
import { joinCall } from '../messages/coalesce.ts';
import { type ChatResponseUpdate } from '../messages/response-update.ts';
import { tryParseJson } from '../primitives/json.ts';

/**
 * Gives every call of a conversation an id of its own, while the model's answers come.
 *
 * Services repeat ids, within one answer and between answers, and some send none; the transcript pairs a call with
 * its result by id. Owns the ids that are taken.
 *
 * Invariants:
 * - I1: no two calls have the same id, and none has an empty one.
 * - I2: the fragments of one call keep the same id.
 */
export class CallIds {
  readonly #taken: Set<string>;
  /** The calls of the answer that is coming, by the id the model gives them. */
  readonly #open = new Map<string, { call: FunctionCallContent; callId: string }>();

  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** Begins the next answer: an id that comes now is another call's. */
  beginAnswer(): void {
    this.#open.clear();
  }

  /** An update whose calls have ids of their own; it is the same object where nothing changes. */
  rename(update: ChatResponseUpdate): ChatResponseUpdate {
    const contents = update.contents.map((content) =>
      content.type === 'function_call' ? this.#renameCall(content) : content,
    );
    const isSame = contents.every((content, index) => content === update.contents[index]);
    return isSame ? update : { ...update, contents };
  }

  #renameCall(fragment: FunctionCallContent): FunctionCallContent {
    const callId = this.#continue(fragment) ?? this.#begin(fragment);
    return callId === fragment.callId ? fragment : { ...fragment, callId };
  }

  /** I2: the id of the call that a fragment belongs to, if that is not complete. */
  #continue(fragment: FunctionCallContent): string | undefined {
    const open = this.#open.get(fragment.callId);
    const joined = joinCall(open?.call, fragment);
    if (open === undefined || joined === undefined) return undefined;
    const begun = open.call.arguments;
    const isNext = fragment.arguments !== '' && typeof begun === 'string' && isComplete(begun);
    if (isNext) return undefined;
    open.call = joined;
    return open.callId;
  }

  /** I1 */
  #begin(call: FunctionCallContent): string {
    const callId = takeCallId(call.callId, this.#taken);
    this.#open.set(call.callId, { call, callId });
    return callId;
  }
}

/** An id for a call that nobody has: the wanted one, with a number where it is taken. Adds it to `taken`. */
export function takeCallId(wanted: string, taken: Set<string>): string {
  const named = wanted === '' ? 'call' : wanted;
  let callId = named;
  for (let count = 2; taken.has(callId); count += 1) callId = `${named}_${count}`;
  taken.add(callId);
  return callId;
}

/** A whole JSON object: what comes after it under the same id is another call. */
function isComplete(args: string): boolean {
  return args.trimEnd().endsWith('}') && tryParseJson(args) !== undefined;
}
