import { type FunctionCallContent } from '@colloquy/core';
import { type ToolCallDelta } from './chat-chunk.ts';

interface OpenCall {
  readonly callId: string;
  readonly index: number | undefined;
  name: string | undefined;
  /** What has come and is not told. */
  held: string;
  isTold: boolean;
}

/**
 * Owns the tool calls of one streamed answer, and finds out which call a piece continues.
 *
 * R1: a piece with the index of an earlier piece continues that call, unless it brings another id and a name: some
 * servers give all calls the index 0, others give every piece an id of its own.
 * R2: a piece without an index continues the call with its id, else the latest call if it brings no id and no name.
 * R3: every other piece begins a call; without an id from the server it gets one that is unique.
 * R4: every content carries id and name, so arguments wait until the name is there.
 */
export class ToolCallStream {
  readonly #calls: OpenCall[] = [];
  readonly #createCallId: () => string;

  /** @param createCallId - For calls that the server gave none. */
  constructor(createCallId: () => string) {
    this.#createCallId = createCallId;
  }

  /** Whether any call has begun. */
  get isEmpty(): boolean {
    return this.#calls.length === 0;
  }

  /** Ids of the calls whose name never came. */
  get unnamed(): string[] {
    return this.#calls.filter((call) => call.name === undefined).map((call) => call.callId);
  }

  /** The content that a piece adds; none while its call has no name. */
  add(delta: ToolCallDelta): FunctionCallContent[] {
    const call = this.#find(delta) ?? this.#begin(delta);
    call.name ??= delta.name;
    call.held += delta.arguments;
    const { callId, name, held, isTold } = call;
    if (name === undefined || (isTold && held === '')) return [];
    call.held = '';
    call.isTold = true;
    return [{ type: 'function_call', callId, name, arguments: held }];
  }

  #begin({ id, index }: ToolCallDelta): OpenCall {
    const callId = id ?? this.#createCallId();
    const call = { callId, index, name: undefined, held: '', isTold: false };
    this.#calls.push(call);
    return call;
  }

  #find({ index, id, name }: ToolCallDelta): OpenCall | undefined {
    if (index === undefined && id === undefined) {
      return name === undefined ? this.#calls.at(-1) : undefined;
    }
    const known = this.#calls.findLast((call) =>
      index === undefined ? call.callId === id : call.index === index,
    );
    const isAnother = id !== undefined && name !== undefined && id !== known?.callId;
    return isAnother ? undefined : known;
  }
}
