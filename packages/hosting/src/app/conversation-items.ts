import { type ConversationRecord } from '../store/records.ts';
import { type ResponseRecords } from '../store/response-records.ts';
import { type StoredItem } from '../wire/input-items.ts';

/** All that was said in a conversation, oldest or newest first; turns whose responses were deleted are left out. */
export async function* conversationItems(
  { responses }: { readonly responses: ResponseRecords },
  tenant: string,
  { entries }: ConversationRecord,
  order: 'asc' | 'desc',
): AsyncGenerator<StoredItem, void> {
  for (const entry of order === 'asc' ? entries : entries.toReversed()) {
    if ('item' in entry) {
      yield entry.item;
      continue;
    }
    const record = await responses.find(tenant, entry.responseId);
    if (record === undefined) continue;
    // An output is JSON, and every item of it has an id.
    const output = record.response.output as unknown as readonly StoredItem[];
    const items = [...record.input, ...output];
    yield* order === 'asc' ? items : items.toReversed();
  }
}
