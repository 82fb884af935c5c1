import { type CheckpointStore, MemoryCheckpointStore, type PendingRequest } from '@colloquy/core';

import { type HostedModel } from '../entities/hosted-models.ts';
import { type ResponseOutcome, type ResponseRecord, type Standing } from '../store/records.ts';
import { ResponseCheckpoints } from '../store/response-checkpoints.ts';
import { conflict } from '../wire/api-error.ts';
import { createWireId } from '../wire/ids.ts';
import { type InputItem } from '../wire/input-schema.ts';
import {
  itemsOf,
  type SortedItems,
  sortItems,
  type StoredItem,
  toStoredItems,
} from '../wire/input-items.ts';
import { type CreateRequest } from '../wire/request-schema.ts';
import { type ResponseEnd } from '../wire/response-builder.ts';
import { createResource, type ResponseResource, toWireUsage } from '../wire/response-resource.ts';
import { ActiveResponse } from './active-response.ts';
import { EventTranslator, questionsOf } from './event-translator.ts';
import { PendingQuestionsError } from './pending-questions-error.ts';
import { planTurn, type TurnContext } from './plan-turn.ts';
import { ResponseLog } from './response-log.ts';
import { runTurn, type TurnEnd, type TurnStart } from './run-turn.ts';
import { toStorageFailure, toTurnFailure } from './turn-failure.ts';
import { type TurnPlace } from './turn-place.ts';
import { type TurnServices } from './turn-services.ts';

/** What a turn is made from. */
export interface ResponseTurnOptions {
  readonly services: TurnServices;
  readonly tenant: string;
  readonly body: CreateRequest;
  readonly model: HostedModel;
  readonly place: TurnPlace;
  readonly runContext: unknown;
}

/**
 * One response, from its request to its end.
 *
 * Owns the response while it is at work, what is stored of it, and the decision when the client hears of it.
 *
 * Invariants:
 * - Z1: what is refused before the workflow has begun is answered as an error and leaves nothing; once it has begun every
 *   end is an end of the response, since a client would repeat a request that was answered with an error.
 * - Z2: the end is stored before anybody hears of it, so that the next request finds it.
 * - Z3: a conversation moves on only with a turn that ended well.
 * - Z4: a conversation and the response that it has taken over tell the same, whenever their server dies.
 */
export class ResponseTurn {
  readonly active: ActiveResponse;
  /** Resolves when the client may hear of the response; rejects with why it was refused. */
  readonly opened: Promise<void>;
  readonly #options: ResponseTurnOptions;
  readonly #items: readonly InputItem[];
  readonly #input: readonly StoredItem[];
  readonly #isStored: boolean;
  readonly #checkpoints: ResponseCheckpoints;
  readonly #translator: EventTranslator;
  readonly #log: ResponseLog | undefined;
  readonly #open: PromiseWithResolvers<void> = Promise.withResolvers();
  #outcome: ResponseOutcome | undefined;
  #isOpen = false;
  #isEnding = false;
  #isInserted = false;
  #hasReadItems = false;

  constructor(options: ResponseTurnOptions) {
    const { body, tenant, model, services, place } = options;
    this.#options = options;
    this.#items = itemsOf(body.input);
    this.#input = toStoredItems(this.#items);
    this.#isStored = body.store ?? true;
    this.opened = this.#open.promise;
    const id = createWireId('resp');
    const isBackground = body.background ?? false;
    this.#log =
      isBackground && this.#isStored
        ? new ResponseLog(services.responses, { tenant, id, logger: services.logger })
        : undefined;
    this.active = new ActiveResponse({
      tenant,
      response: createResource(body, {
        id,
        model: model.name,
        createdAt: Date.now(),
        status: isBackground ? 'queued' : 'in_progress',
        conversationId: place.conversationId,
      }),
      readers: isBackground ? 'any' : body.stream === true ? 'one' : 'none',
      maxUnread: services.maxUnreadEvents,
      onEvent: (event) => this.#log?.add(event),
    });
    this.#checkpoints = this.#makeCheckpoints(id);
    this.#translator = this.#makeTranslator();
  }

  /** Works on the response to its end; never rejects. */
  async run(): Promise<void> {
    try {
      if (this.#opensEarly) {
        await this.#insert();
        this.#tellOpen();
      }
      await this.#options.place.enter(this.active.signal, (context) => this.#work(context));
    } catch (error) {
      await this.#end(toTurnFailure(error), error);
    } finally {
      await this.#log?.settle();
      this.active.end();
    }
  }

  /** Ends the response as cancelled, whatever the workflow still does. */
  async cancel(): Promise<void> {
    this.active.stop('cancelled');
    await this.#end({ status: 'cancelled' }, undefined);
  }

  /** In the background the client need not wait for its turn, unless its answers may be refused. */
  get #opensEarly(): boolean {
    const isAnswer = this.#items.some(
      ({ type }) => type === 'function_call_output' || type === 'mcp_approval_response',
    );
    return this.active.isBackground && !isAnswer;
  }

  async #work(context: TurnContext | undefined): Promise<void> {
    const { services, model } = this.#options;
    const start = planTurn(this.#sort(context), context, services.maxDepth);
    if (!this.#isOpen) await this.#insert();
    const { pool } = model;
    const lend = { isCleanStart: start.kind === 'clean', signal: this.active.signal };
    const end = await pool.lend(lend, (workflow) => this.#runOn(workflow, start));
    await this.#complete(end);
  }

  /** What was added to the conversation is read with the next thing that is said. */
  #sort(context: TurnContext | undefined): SortedItems {
    const pending = new Set(context?.pending.map(({ id }) => id));
    const sorted = sortItems(this.#items, pending);
    if (sorted.answers.length > 0 || pending.size > 0) return sorted;
    this.#hasReadItems = true;
    return sortItems([...(this.#options.place.unreadItems ?? []), ...this.#items], pending);
  }

  async #runOn(workflow: Parameters<typeof runTurn>[0], start: TurnStart): Promise<TurnEnd> {
    const { services, runContext } = this.#options;
    const timer = setTimeout(() => this.active.stop('timeout'), services.maxRunMs);
    try {
      return await runTurn(workflow, start, {
        checkpoints: this.#checkpoints,
        signal: this.active.signal,
        runContext,
        onEvent: (event) => {
          this.#accept();
          this.#translator.tell(event, workflow);
        },
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Z1: the workflow has begun. */
  #accept(): void {
    if (this.active.response.status === 'queued') this.active.builder.begin();
    if (this.#isOpen) return;
    this.#tellOpen();
    this.active.builder.begin();
  }

  #tellOpen(): void {
    this.#isOpen = true;
    this.active.builder.announce();
    this.#open.resolve();
  }

  async #complete({ checkpointId, pendingRequests, usage }: TurnEnd): Promise<void> {
    this.#translator.ask(pendingRequests);
    const standing =
      checkpointId === undefined
        ? undefined
        : { checkpointId, pending: questionsOf(pendingRequests) };
    await this.#end({ status: 'completed' }, undefined, {
      standing,
      usage: toWireUsage(usage ?? this.#translator.usage),
    });
  }

  /** Z1 */
  async #end(
    end: Pick<ResponseEnd, 'status' | 'error' | 'incompleteReason'>,
    error: unknown,
    done?: { readonly standing: Standing | undefined; readonly usage: ResponseEnd['usage'] },
  ): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (!this.#isOpen) {
      await this.#withdraw();
      this.#open.reject(error);
      return;
    }
    if (end.status === 'failed' && error !== undefined) this.#warn('failed', error);
    if (PendingQuestionsError.isInstance(error)) this.#translator.ask(error.requests);
    const standing = done === undefined ? this.#placeOfCut(error) : done.standing;
    const usage = done?.usage ?? toWireUsage(this.#translator.usage);
    await this.#conclude({ ...end, usage, at: Date.now() }, standing);
  }

  /** Z2, Z3 */
  async #conclude(end: ResponseEnd, standing: Standing | undefined): Promise<void> {
    const { builder } = this.active;
    try {
      if (end.status === 'completed') await this.#commit(builder.endedAs(end), standing);
      await this.#store(builder.endedAs(end), standing);
      builder.end(end);
      // What did not end well keeps all that it can be gone on from.
      if (end.status === 'completed') await this.#prune();
    } catch (error) {
      this.#warn('could not be stored', error);
      const failure = { ...end, ...toStorageFailure(error) };
      await this.#store(builder.endedAs(failure), this.#placeOfCut(undefined)).catch(() => {
        // It was warned of above; the lease tells others that nobody works on the response.
      });
      builder.end(failure);
    }
  }

  /** Where a turn that did not end well can be gone on from, by its response's id. */
  #placeOfCut(error: unknown): Standing | undefined {
    const { lastSavedId } = this.#checkpoints;
    if (lastSavedId === undefined) return undefined;
    const requests = PendingQuestionsError.isInstance(error) ? error.requests : NO_REQUESTS;
    return { checkpointId: lastSavedId, pending: questionsOf(requests) };
  }

  /** Z4: the conversation moves on in one write, which tells whether the outcome that was noted before counts. */
  async #commit(response: ResponseResource, standing: Standing | undefined): Promise<void> {
    const { place, model } = this.#options;
    if (place.commit === undefined) return;
    this.#outcome = standing === undefined ? { response } : { response, standing };
    await this.#store(this.active.response, undefined);
    const responseId = this.active.id;
    const hasReadItems = this.#hasReadItems;
    await place.commit({ model: model.name, responseId, standing, hasReadItems });
  }

  async #insert(): Promise<void> {
    const { services, tenant } = this.#options;
    if (!this.#isStored) return;
    this.#isInserted = true;
    await services.lease.hold();
    // Others see it at work, whether it waits here or not.
    const response = { ...this.active.response, status: 'in_progress' } as const;
    await services.responses.insert(tenant, this.#record(response, undefined));
  }

  async #store(response: ResponseResource, standing: Standing | undefined): Promise<void> {
    const { services, tenant } = this.#options;
    if (!this.#isStored) return;
    const record = this.#record(response, standing);
    if (await services.responses.update(tenant, record)) return;
    throw conflict('Another server has taken this response for lost.', 'response_lost');
  }

  async #withdraw(): Promise<void> {
    const { services, tenant } = this.#options;
    if (!this.#isInserted) return;
    await services.responses.delete(tenant, this.active.id).catch((error: unknown) => {
      this.#warn('was refused, and its record could not be removed', error);
    });
  }

  #record(response: ResponseResource, standing: Standing | undefined): ResponseRecord {
    const { services } = this.#options;
    const outcome = response.status === 'completed' ? undefined : this.#outcome;
    return {
      response,
      input: this.#input,
      owner: services.lease.id,
      ...(standing === undefined ? {} : { standing }),
      ...(outcome === undefined ? {} : { outcome }),
    };
  }

  async #prune(): Promise<void> {
    const { keptCheckpoints } = this.#options.services;
    if (keptCheckpoints === Number.POSITIVE_INFINITY) return;
    await this.#checkpoints.prune({ keepLast: keptCheckpoints }).catch((error: unknown) => {
      this.#warn('left checkpoints that could not be removed', error);
    });
  }

  #warn(what: string, error: unknown): void {
    this.#options.services.logger.warn(`Response ${this.active.id} ${what}: ${String(error)}`);
  }

  #makeCheckpoints(responseId: string): ResponseCheckpoints {
    const { services, tenant } = this.#options;
    const from: CheckpointStore = services.checkpoints;
    const to = this.#isStored ? from : new MemoryCheckpointStore();
    return new ResponseCheckpoints({ tenant, responseId, from, to });
  }

  #makeTranslator(): EventTranslator {
    const { services, body, model } = this.#options;
    const { workflowEvents, maxTokens } = services;
    const isRequested = body.metadata?.['workflow_events'] === 'items';
    const maxOutput = body.max_output_tokens ?? Number.POSITIVE_INFINITY;
    return new EventTranslator({
      builder: this.active.builder,
      model: model.name,
      wantsEvents: workflowEvents === 'always' || (workflowEvents === 'requested' && isRequested),
      onUsage: ({ totalTokens, outputTokens }) => {
        if (totalTokens > maxTokens || outputTokens > maxOutput) this.active.stop('tokens');
      },
    });
  }
}

const NO_REQUESTS: readonly PendingRequest[] = [];
