import { type OpenAI } from 'openai';
import { filledStringAt, isRecord, recordsAt, stringAt } from '../wire/json-fields.ts';

type ReasoningItem = OpenAI.Responses.ResponseReasoningItem;

/**
 * Seals a reasoning item for its way back, or returns `undefined` when the service did not encrypt it.
 *
 * The service encrypts when asked (`extra: { store: false, include: ['reasoning.encrypted_content'] }`); what it gave
 * goes back unchanged, so the whole item is kept.
 */
export function trySealReasoning(item: Record<string, unknown>): string | undefined {
  const encrypted = filledStringAt(item, 'encrypted_content');
  const id = filledStringAt(item, 'id');
  if (encrypted === undefined || id === undefined) return undefined;
  const sealed: ReasoningItem = {
    type: 'reasoning',
    id,
    summary: summaryOf(item),
    encrypted_content: encrypted,
  };
  return JSON.stringify(sealed);
}

/** The item that `trySealReasoning` sealed; none for what another client or provider protected. */
export function tryRestoreReasoning(sealed: string | undefined): ReasoningItem[] {
  const item = tryParse(sealed);
  if (!isRecord(item) || item['type'] !== 'reasoning') return [];
  const id = filledStringAt(item, 'id');
  const encrypted = filledStringAt(item, 'encrypted_content');
  if (id === undefined || encrypted === undefined) return [];
  return [{ type: 'reasoning', id, summary: summaryOf(item), encrypted_content: encrypted }];
}

/** The text of a reasoning item's summary: its parts, one paragraph each. */
export function summaryTextOf(item: Record<string, unknown>): string {
  return summaryOf(item)
    .map((part) => part.text)
    .join('\n\n');
}

function summaryOf(item: Record<string, unknown>): ReasoningItem['summary'] {
  return recordsAt(item, 'summary').map((part) => ({
    type: 'summary_text',
    text: stringAt(part, 'text') ?? '',
  }));
}

function tryParse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return undefined;
  }
}
