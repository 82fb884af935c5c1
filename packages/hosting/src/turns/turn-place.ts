import { type ConversationLanes } from '../queues/conversation-lanes.ts';
import { type ConversationStore } from '../store/conversation-store.ts';
import { type ConversationRecord, type ResponseRecord, type Standing } from '../store/records.ts';
import { ApiError, conflict, invalidRequest } from '../wire/api-error.ts';
import { type InputItem } from '../wire/input-schema.ts';
import { isTerminal } from '../wire/response-resource.ts';
import { type TurnContext } from './plan-turn.ts';

/** A turn that ended well. */
export interface EndedTurn {
  readonly model: string;
  readonly responseId: string;
  readonly standing: Standing | undefined;
  /** Whether it has read what clients had added to the conversation. */
  readonly hasReadItems: boolean;
}

/** Where a turn takes place: nowhere yet, after a response, or in a conversation. */
export interface TurnPlace {
  readonly conversationId?: string;
  /** What clients have added to the conversation and nobody has read; known once the place is entered. */
  readonly unreadItems?: readonly InputItem[];
  /** Does the turn's work where it goes on, when it is its turn. */
  enter(
    signal: AbortSignal,
    work: (context: TurnContext | undefined) => Promise<void>,
  ): Promise<void>;
  /** Takes over a turn that ended well. */
  commit?(turn: EndedTurn): Promise<void>;
}

/** A turn that knows nothing of any other. */
export const cleanPlace: TurnPlace = {
  enter: (_signal, work) => work(undefined),
};

/**
 * A turn that goes on from a response.
 *
 * @throws {ApiError} where it cannot: it belongs to another model, is at work, or nothing was stored of its state.
 */
export function placeAfter({ response, standing }: ResponseRecord, model: string): TurnPlace {
  assertSameModel(response.model, model, 'previous_response_id');
  if (!isTerminal(response.status))
    throw conflict('The previous response is still at work.', 'response_in_progress');
  if (standing === undefined) {
    throw invalidRequest(
      'The previous response left no state to go on from.',
      'previous_response_id',
      'checkpoint_not_found',
    );
  }
  const context = { ...standing, isUnfinished: response.status !== 'completed' };
  return { enter: (_signal, work) => work(context) };
}

/** What a conversation's turns work with. */
export interface ConversationPlaceOptions {
  readonly tenant: string;
  readonly id: string;
  readonly model: string;
  readonly lanes: ConversationLanes;
  readonly conversations: ConversationStore;
}

/** A turn of a conversation: it waits for those before it, and moves the conversation on. */
export class ConversationPlace implements TurnPlace {
  readonly conversationId: string;
  readonly #options: ConversationPlaceOptions;
  #record: ConversationRecord | undefined;

  constructor(options: ConversationPlaceOptions) {
    this.#options = options;
    this.conversationId = options.id;
  }

  get unreadItems(): readonly InputItem[] {
    return this.#unread.map(({ item }) => item);
  }

  async enter(
    signal: AbortSignal,
    work: (context: TurnContext | undefined) => Promise<void>,
  ): Promise<void> {
    const { tenant, id, model, lanes, conversations } = this.#options;
    await lanes.run(JSON.stringify([tenant, id]), signal, async () => {
      this.#record = await conversations.findOrBegin(tenant, id);
      if (this.#record.model !== undefined)
        assertSameModel(this.#record.model, model, 'conversation');
      const { head } = this.#record;
      await work(head === undefined ? undefined : { ...head, isUnfinished: false });
    });
  }

  async commit({ model, responseId, standing, hasReadItems }: EndedTurn): Promise<void> {
    const { tenant, id, conversations } = this.#options;
    if (standing === undefined)
      throw conflict('The state of the conversation could not be stored.', 'storage_failed');
    await conversations.commit(tenant, id, {
      model,
      responseId,
      standing,
      expectedHead: this.#record?.head?.responseId,
      readItems: new Set(hasReadItems ? this.#unread.map((each) => each.id) : []),
    });
  }

  get #unread(): readonly { readonly id: string; readonly item: InputItem }[] {
    const entries = this.#record?.entries ?? [];
    return entries.flatMap((entry) =>
      // It was parsed when it was added.
      'item' in entry && !entry.isRead
        ? [{ id: entry.item.id, item: entry.item as unknown as InputItem }]
        : [],
    );
  }
}

function assertSameModel(held: string, asked: string, param: string): void {
  if (held === asked) return;
  throw new ApiError(
    `Expected model ${JSON.stringify(held)}, with which this was begun, got ${JSON.stringify(asked)}.`,
    { status: 400, wireCode: 'model_mismatch', param },
  );
}
