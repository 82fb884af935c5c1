import { type CheckpointStore, ConfigurationError, type Logger } from '@colloquy/core';

import { type HostedModels } from '../entities/hosted-models.ts';
import { type ResponseStore } from '../store/response-store.ts';

/** What a server lets clients use. */
export interface HostLimits {
  /** Bytes of a request's body; default 8 MiB. */
  readonly maxBodyBytes: number;
  /** How deep the JSON of a body, and of an answer within it, may be nested; default 64. */
  readonly maxDepth: number;
  /** Instances of each workflow, which is how many turns run at once; default 8. */
  readonly maxInstances: number;
  /** Responses at work or waiting, over all models; default 1000. More are answered 429. */
  readonly maxActive: number;
  /** Turns that may wait for one conversation; default 16. More are answered 409. */
  readonly maxQueuedPerConversation: number;
  /** How long one turn may run, in milliseconds; default 15 minutes. */
  readonly maxRunMs: number;
  /** Events of a stream that wait for its reader; default 20 000. A reader that is further behind is taken to have gone away. */
  readonly maxUnreadEvents: number;
  /** How long a stream's reader may take nothing of what waits, in milliseconds; default 1 minute. Then it is taken to have gone. */
  readonly maxStallMs: number;
  /** Tokens that one turn's agents may use; default unlimited. A client's `max_output_tokens` counts output only. */
  readonly maxTokens: number;
}

/** How long things are kept. */
export interface Retention {
  /** Checkpoints of each response: only the last, all, or so many; default `latest`. */
  readonly checkpoints?: 'latest' | 'all' | number;
  /** How long responses and conversations are kept after their last change, in milliseconds; default 30 days. */
  readonly maxAgeMs?: number;
}

/** Who a request's token belongs to may come in: a token, several, or a function that knows; what it throws is a no. */
export type ApiKeyCheck =
  | string
  | readonly string[]
  | ((token: string, request: Request) => boolean | Promise<boolean>);

/** How workflows are hosted. */
export interface HostSettings {
  /** Where workflows' states lie; default: in memory. */
  readonly checkpoints?: CheckpointStore | undefined;
  /** Where responses and conversations lie; default: in memory. Give both stores, or neither. */
  readonly store?: ResponseStore | undefined;
  /**
   * Whose request it is. Tenants share nothing: no id of one is found by another. A request of nobody's (`undefined`) is
   * refused. Default: all requests are one tenant's.
   */
  readonly isolation?:
    | ((request: Request) => string | undefined | Promise<string | undefined>)
    | undefined;
  /** The bearer tokens that are let in; default: every request is. */
  readonly apiKey?: ApiKeyCheck | undefined;
  /** What a second request to a conversation meets while one is at work; default `queue`. */
  readonly whenBusy?: 'queue' | 'reject' | undefined;
  /**
   * Whether intermediate outputs and orchestration events are told as items of type `colloquy:workflow_event`: never, to
   * clients that send `metadata: { workflow_events: 'items' }` (the default), or always.
   */
  readonly workflowEvents?: 'never' | 'requested' | 'always' | undefined;
  /** What handlers and tools see as `runContext`; never stored. */
  readonly runContext?: ((request: Request) => unknown) | undefined;
  readonly limits?: Partial<HostLimits> | undefined;
  readonly retention?: Retention | undefined;
  readonly logger?: Logger | undefined;
  /** Before every route; default `/v1`. */
  readonly basePath?: string | undefined;
  /** How long a server that was killed is taken to be alive by others, in milliseconds; default 15 seconds. */
  readonly leaseMs?: number | undefined;
}

/** What `responsesApp` is given. */
export type ResponsesAppOptions = HostedModels & HostSettings;

const MIB = 1024 * 1024;

const DEFAULT_LIMITS: HostLimits = {
  maxBodyBytes: 8 * MIB,
  maxDepth: 64,
  maxInstances: 8,
  maxActive: 1000,
  maxQueuedPerConversation: 16,
  maxRunMs: 15 * 60 * 1000,
  maxUnreadEvents: 20_000,
  maxStallMs: 60 * 1000,
  maxTokens: Number.POSITIVE_INFINITY,
};

/**
 * Limits with what is left out filled in.
 *
 * @throws {ConfigurationError} `hosting/invalid-limits` that names every one that is no positive number.
 */
export function completeLimits(limits: Partial<HostLimits> = {}): HostLimits {
  const complete = { ...DEFAULT_LIMITS, ...limits };
  const wrong = Object.entries(complete).filter(
    ([, value]) => !(typeof value === 'number' && value > 0),
  );
  if (wrong.length === 0) return complete;
  throw new ConfigurationError(
    `Expected limits to be positive numbers, got ${wrong.map(([name, value]) => `${name}: ${String(value)}`).join(', ')}.`,
    { code: 'hosting/invalid-limits' },
  );
}
