import { invalidRequest } from './api-error.ts';
import { type StoredItem } from './input-items.ts';

/** Which part of a list is asked for. */
export interface PageQuery {
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  /** The id of the item before the first that is asked for. */
  readonly after: string | undefined;
}

/** A part of a list. */
export interface ItemPage {
  readonly object: 'list';
  readonly data: readonly StoredItem[];
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly has_more: boolean;
}

/**
 * Reads a page's query: `limit` 1 to 100 (default 20), `order` `asc` or `desc` (default), and `after`.
 *
 * @throws {ApiError} 400 for any other.
 */
export function parsePageQuery(query: Readonly<Record<string, string | undefined>>): PageQuery {
  const { limit: limitText = '20', order = 'desc', after } = query;
  const limit = /^\d{1,3}$/.test(limitText) ? Number(limitText) : 0;
  if (limit < 1 || limit > 100) throw invalidRequest('Expected a limit from 1 to 100.', 'limit');
  if (order !== 'asc' && order !== 'desc')
    throw invalidRequest('Expected order "asc" or "desc".', 'order');
  return { limit, order, after };
}

/**
 * The page of a list that comes in the order asked for; of the list no more is read than is needed.
 *
 * @throws {ApiError} 400 when there is no item `after`.
 */
export async function pageOf(
  items: AsyncIterable<StoredItem> | Iterable<StoredItem>,
  { limit, after }: PageQuery,
): Promise<ItemPage> {
  const data: StoredItem[] = [];
  let isPast = after === undefined;
  let hasMore = false;
  for await (const item of items) {
    if (!isPast) isPast = item.id === after;
    else if (data.length < limit) data.push(item);
    else {
      hasMore = true;
      break;
    }
  }
  if (!isPast) throw invalidRequest('There is no item with this id.', 'after');
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: hasMore,
  };
}
