import {
  type ChatClient,
  type ChatClientErrorCode,
  type ChatOptions,
  type ChatResponseUpdate,
  type Clock,
  ConfigurationError,
  type Message,
  systemClock,
} from '@colloquy/core';

import { type SeededRandom, seededRandom } from '../random/seeded-random.ts';
import { waitFor } from '../time/wait-for.ts';
import { changeReply, firstHalf } from './change-reply.ts';
import { faultError } from './fault-error.ts';
import { type Fault, FAULT_KINDS, type FaultKind, FAULTS, isFaultKind } from './fault-kinds.ts';

/** A request, as a plan sees it. */
export interface FaultyCall {
  /** 1, 2, 3 … in the order in which requests come. */
  readonly call: number;
  readonly messages: readonly Message[];
  readonly options: ChatOptions;
}

/** Which fault each request meets: a list in the order of requests, `null` for none, or a function. */
export type FaultPlan =
  | readonly (FaultKind | null)[]
  | ((call: FaultyCall) => FaultKind | null | undefined);

/** How faults are done. */
export interface FaultSettings {
  /** Default 1. */
  readonly seed?: number;
  /** How long a timeout and a slow start take, in milliseconds; default 1,000. */
  readonly delayMs?: number;
  /** What a rate limit asks to wait, in milliseconds; default 1,000. */
  readonly retryAfterMs?: number;
  /** How much a giant reply adds, in characters; default 200,000. */
  readonly giantLength?: number;
  /** What delays are waited on; default the machine's clock. */
  readonly clock?: Clock;
}

/** Faults by plan, or by chance. */
export type FaultyOptions = FaultSettings &
  (
    | { readonly plan: FaultPlan; readonly rate?: never; readonly faults?: never }
    | {
        /** The chance of a request to meet a fault, from 0 to 1. */
        readonly rate: number;
        /** The faults that chance draws from; default all. */
        readonly faults?: readonly FaultKind[];
        readonly plan?: never;
      }
  );

/** A fault that a request has met. */
export interface InjectedFault {
  /** Which request it was: 1, 2, 3 … */
  readonly call: number;
  readonly fault: FaultKind;
  /** False where it could not be done to this reply, which then came as it was. */
  readonly isDone: boolean;
  /** The code of the error that the request was answered with, if it was. */
  readonly code?: ChatClientErrorCode;
}

/**
 * A client whose model and service do things wrong, the same things for the same seed and requests.
 *
 * Owns the count of requests and the log.
 */
export class FaultyChatClient implements ChatClient {
  readonly model: string | undefined;
  readonly #client: ChatClient;
  readonly #options: FaultyOptions;
  readonly #log: InjectedFault[] = [];
  #calls = 0;

  /** @throws {ConfigurationError} for a rate outside 0 to 1, or a fault that there is not. */
  constructor(client: ChatClient, options: FaultyOptions) {
    assertOptions(options);
    this.#client = client;
    this.#options = options;
    this.model = client.model;
  }

  /** Every fault that a request was to meet, in the order in which they were done. */
  get log(): readonly InjectedFault[] {
    return this.#log;
  }

  /** The faults that were done. */
  get injected(): readonly InjectedFault[] {
    return this.#log.filter(({ isDone }) => isDone);
  }

  /** As the client's own, but for the faults; rejects with `ChatClientError` where a fault says so. */
  async *stream(
    messages: readonly Message[],
    options: ChatOptions = {},
  ): AsyncGenerator<ChatResponseUpdate, void> {
    this.#calls += 1;
    const call = this.#calls;
    const random = seededRandom(this.#options.seed ?? 1, call);
    const kind = this.#choose({ call, messages, options }, random);
    if (kind === undefined) {
      yield* this.#client.stream(messages, options);
      return;
    }
    const fault = FAULTS[kind];
    if (!suits(fault, options)) {
      this.#log.push({ call, fault: kind, isDone: false });
      yield* this.#client.stream(messages, options);
    } else if (fault.stage === 'instead') yield* this.#answerInstead(kind, call, options);
    else yield* this.#changeAnswer({ kind, call, random }, messages, options);
  }

  #choose(call: FaultyCall, random: SeededRandom): FaultKind | undefined {
    const { plan, rate, faults = FAULT_KINDS } = this.#options;
    if (typeof plan === 'function') return plan(call) ?? undefined;
    if (plan !== undefined) return plan[call.call - 1] ?? undefined;
    if (random.next() >= rate) return undefined;
    return random.pick(faults.filter((kind) => suits(FAULTS[kind], call.options)));
  }

  async *#answerInstead(
    kind: FaultKind,
    call: number,
    { signal }: ChatOptions,
  ): AsyncGenerator<ChatResponseUpdate, void> {
    const { code } = FAULTS[kind];
    signal?.throwIfAborted();
    if (kind === 'timeout') await this.#delay(signal);
    this.#log.push({ call, fault: kind, isDone: true, ...(code === undefined ? {} : { code }) });
    if (code !== undefined) throw faultError(code, this.#options.retryAfterMs ?? 1000);
    yield* REPLIES[kind] ?? EMPTY;
  }

  async *#changeAnswer(
    { kind, call, random }: { kind: FaultKind; call: number; random: SeededRandom },
    messages: readonly Message[],
    options: ChatOptions,
  ): AsyncGenerator<ChatResponseUpdate, void> {
    const log = { call, fault: kind, isDone: true };
    if (kind === 'slow-start') {
      this.#log.push(log);
      await this.#delay(options.signal);
      yield* this.#client.stream(messages, options);
      return;
    }
    const updates: ChatResponseUpdate[] = [];
    for await (const update of this.#client.stream(messages, options)) updates.push(update);
    if (kind === 'cut-stream') {
      const code = 'chat-client/interrupted';
      this.#log.push({ ...log, code });
      yield* firstHalf(updates);
      throw faultError(code, 0);
    }
    const { tools = [] } = options;
    const giantLength = this.#options.giantLength ?? 200_000;
    const changed = changeReply(updates, { kind, random, tools, giantLength });
    this.#log.push({ ...log, isDone: changed !== undefined });
    yield* changed ?? updates;
  }

  #delay(signal: AbortSignal | undefined): Promise<void> {
    const { clock = systemClock, delayMs = 1000 } = this.#options;
    return waitFor(delayMs, { clock, signal });
  }
}

/**
 * Makes a client out of another whose model and service do things wrong.
 *
 * @throws {ConfigurationError} for a rate outside 0 to 1, or a fault that there is not.
 */
export function faulty(client: ChatClient, options: FaultyOptions): FaultyChatClient {
  return new FaultyChatClient(client, options);
}

const EMPTY: readonly ChatResponseUpdate[] = [{ contents: [], finishReason: 'stop' }];

const REFUSED = 'I am sorry, but I cannot help with that.';

/** What comes in place of a reply. */
const REPLIES: Partial<Record<FaultKind, readonly ChatResponseUpdate[]>> = {
  refusal: [
    {
      contents: [{ type: 'error', message: REFUSED, code: 'refusal' }],
      finishReason: 'content_filter',
    },
  ],
  'ghost-tool-call': [
    {
      contents: [
        { type: 'function_call', callId: 'call_ghost', name: 'ghost_tool', arguments: { x: 1 } },
      ],
      finishReason: 'tool_calls',
    },
  ],
};

function suits({ needs }: Fault, { output, tools = [] }: ChatOptions): boolean {
  if (needs === 'output') return output !== undefined;
  return needs === 'anything' || tools.length > 0;
}

function assertOptions({ rate, faults, plan }: FaultyOptions): void {
  if (rate !== undefined && !(rate >= 0 && rate <= 1))
    throw new ConfigurationError(
      `Expected rate to be from 0 to 1, got ${rate}. Pass 0.2 for a fifth.`,
    );
  const named = typeof plan === 'function' ? [] : (plan ?? faults ?? []);
  const unknown = named.find((kind) => kind !== null && !isFaultKind(kind));
  if (unknown === undefined) return;
  throw new ConfigurationError(
    `Expected faults among ${FAULT_KINDS.join(', ')}, got ${JSON.stringify(unknown)}. Correct the name.`,
  );
}
