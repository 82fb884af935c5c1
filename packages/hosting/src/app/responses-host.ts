import { type CheckpointStore, type Logger, MemoryCheckpointStore } from '@colloquy/core';
import { consoleLogger } from '@colloquy/core/spi';

import { type HostedModel, HostedModelsByName } from '../entities/hosted-models.ts';
import { ConversationLanes } from '../queues/conversation-lanes.ts';
import { ConversationStore } from '../store/conversation-store.ts';
import { MemoryResponseStore } from '../store/memory-response-store.ts';
import { ResponseRecords } from '../store/response-records.ts';
import { type ResponseRecord } from '../store/records.ts';
import { RetentionSweeper } from '../store/retention.ts';
import { ServerLease } from '../store/server-lease.ts';
import { type ActiveResponse } from '../turns/active-response.ts';
import { ActiveResponses } from '../turns/active-responses.ts';
import { ResponseTurn } from '../turns/response-turn.ts';
import { toRefusal } from '../turns/turn-failure.ts';
import { cleanPlace, ConversationPlace, placeAfter, type TurnPlace } from '../turns/turn-place.ts';
import { type TurnServices } from '../turns/turn-services.ts';
import { invalidRequest, notFound } from '../wire/api-error.ts';
import { isConversationId } from '../wire/ids.ts';
import { type CreateRequest } from '../wire/request-schema.ts';
import { completeLimits, type HostLimits, type ResponsesAppOptions } from './host-options.ts';

/** For how long a server that is killed is taken to be alive. */
const LEASE_MS = 15_000;

/** For how long what is not changed is kept. */
const MAX_AGE_MS = 30 * 24 * 60 * 60 * 1000;

/** A request for a response, and who sent it. */
export interface CreateOptions {
  readonly tenant: string;
  readonly body: CreateRequest;
  readonly runContext: unknown;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
}

/**
 * What all routes of a server share.
 *
 * Owns the models' instances, the responses that are at work, and the stores that it made itself.
 */
export class ResponsesHost {
  readonly limits: HostLimits;
  readonly logger: Logger;
  readonly models: HostedModelsByName;
  readonly active: ActiveResponses;
  readonly responses: ResponseRecords;
  readonly conversations: ConversationStore;
  readonly checkpoints: CheckpointStore;
  readonly #lease: ServerLease;
  readonly #retention: RetentionSweeper;
  readonly #services: TurnServices;

  constructor(options: ResponsesAppOptions) {
    const logger = options.logger ?? consoleLogger;
    const limits = completeLimits(options.limits);
    const store = options.store ?? new MemoryResponseStore();
    const checkpoints = options.checkpoints ?? new MemoryCheckpointStore();
    const lease = new ServerLease({ store, logger, leaseMs: options.leaseMs ?? LEASE_MS });
    this.limits = limits;
    this.logger = logger;
    this.checkpoints = checkpoints;
    this.models = new HostedModelsByName(options, { maxInstances: limits.maxInstances, logger });
    this.active = new ActiveResponses(limits.maxActive);
    const conversations = new ConversationStore(store);
    const responses = new ResponseRecords({ store, conversations, checkpoints, lease });
    this.conversations = conversations;
    this.responses = responses;
    this.#lease = lease;
    const maxAgeMs = options.retention?.maxAgeMs ?? MAX_AGE_MS;
    const traces = { store, responses, conversations, checkpoints };
    this.#retention = new RetentionSweeper({ ...traces, maxAgeMs, logger });
    this.#services = {
      lanes: new ConversationLanes({
        whenBusy: options.whenBusy ?? 'queue',
        maxQueued: limits.maxQueuedPerConversation,
      }),
      lease,
      responses: this.responses,
      conversations: this.conversations,
      checkpoints,
      logger,
      maxRunMs: limits.maxRunMs,
      maxTokens: limits.maxTokens,
      maxUnreadEvents: limits.maxUnreadEvents,
      maxDepth: limits.maxDepth,
      keptCheckpoints: keptCheckpoints(options.retention?.checkpoints ?? 'latest'),
      workflowEvents: options.workflowEvents ?? 'requested',
    };
  }

  /**
   * Begins a response; resolves when the client may hear of it.
   *
   * @throws {ApiError} when it is refused; nothing was done then.
   */
  async create({ tenant, body, runContext, signal }: CreateOptions): Promise<ActiveResponse> {
    this.active.assertRoom();
    this.#retention.sweepIfDue(Date.now());
    assertCoherent(body);
    const previous = await this.#previousOf(tenant, body);
    const model = await this.models.find(
      body.model ?? (await this.#modelOf(tenant, body, previous)),
    );
    const place = this.#placeOf(tenant, body, { model, previous });
    const services = this.#services;
    const turn = new ResponseTurn({ services, tenant, body, model, place, runContext });
    const { active } = turn;
    if (!active.isBackground) followDisconnect(active, signal);
    this.active.assertRoom();
    this.active.add(turn);
    try {
      await turn.opened;
    } catch (error) {
      throw toRefusal(error);
    }
    return active;
  }

  /** Lets no more requests in, waits for those at work, and stops them where they take too long. */
  async close(graceMs: number): Promise<void> {
    await this.active.close(graceMs);
    await this.#retention.settle();
    await this.#lease.release();
  }

  async #previousOf(tenant: string, body: CreateRequest): Promise<ResponseRecord | undefined> {
    const { previous_response_id: id } = body;
    if (typeof id !== 'string') return undefined;
    const record = await this.responses.find(tenant, id);
    if (record === undefined) throw notFound('response', id, 'previous_response_id');
    return record;
  }

  /** The model of what a request goes on from, where it names none itself. */
  async #modelOf(
    tenant: string,
    { conversation: id }: CreateRequest,
    previous: ResponseRecord | undefined,
  ): Promise<string | undefined> {
    if (previous !== undefined) return previous.response.model;
    if (typeof id !== 'string') return undefined;
    return (await this.conversations.find(tenant, id))?.model;
  }

  #placeOf(
    tenant: string,
    { conversation: id }: CreateRequest,
    {
      model,
      previous,
    }: { readonly model: HostedModel; readonly previous: ResponseRecord | undefined },
  ): TurnPlace {
    if (previous !== undefined) return placeAfter(previous, model.name);
    if (typeof id !== 'string') return cleanPlace;
    const { lanes, conversations } = this.#services;
    return new ConversationPlace({ tenant, id, model: model.name, lanes, conversations });
  }
}

/** Stops a response whose client goes away. */
function followDisconnect(active: ActiveResponse, signal: AbortSignal): void {
  const stop = (): void => active.leave();
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  // The response's end is what is waited for; it never fails.
  void active.finished.then(() => signal.removeEventListener('abort', stop));
}

/** @throws {ApiError} 400 for fields that exclude each other, and ids that cannot be. */
function assertCoherent(body: CreateRequest): void {
  const { previous_response_id: previous, conversation } = body;
  const isStored = body.store ?? true;
  if (typeof previous === 'string' && typeof conversation === 'string')
    throw invalidRequest(
      'Expected previous_response_id or conversation, got both.',
      'previous_response_id',
      'mutually_exclusive_parameters',
    );
  if (previous === '') throw invalidRequest('Expected an id, got "".', 'previous_response_id');
  if (typeof conversation === 'string' && !isConversationId(conversation))
    throw invalidRequest(
      'Expected an id of 1 to 128 letters, digits and "._:@-", with a letter or digit at both ends.',
      'conversation',
    );
  if (!isStored && (body.background ?? false))
    throw invalidRequest('Expected store with background: it is read from there.', 'store');
  if (!isStored && typeof conversation === 'string')
    throw invalidRequest('Expected store with conversation: it is kept there.', 'store');
}

function keptCheckpoints(kept: 'latest' | 'all' | number): number {
  if (kept === 'all') return Number.POSITIVE_INFINITY;
  return kept === 'latest' ? 1 : Math.max(1, kept);
}
