/** What every update of `created` and what follows carries beside its contents. */
export const FROM_RESPONSE = {
  role: 'assistant',
  messageId: 'resp_1',
  responseId: 'resp_1',
  model: 'gpt-test-2026',
} as const;

type Fields = Readonly<Record<string, unknown>>;

/** The first event of a response. */
export const created: object = {
  type: 'response.created',
  response: { id: 'resp_1', model: 'gpt-test-2026', status: 'in_progress', output: [] },
};

/** The last event of a response that is whole. */
export function completed(fields: Fields = {}): object {
  return {
    type: 'response.completed',
    response: {
      id: 'resp_1',
      model: 'gpt-test-2026',
      status: 'completed',
      incomplete_details: null,
      output: [],
      usage: null,
      ...fields,
    },
  };
}

/** The last event of a response that stopped early. */
export function incomplete(reason: string): object {
  const response = { id: 'resp_1', status: 'incomplete', incomplete_details: { reason } };
  return { type: 'response.incomplete', response };
}

/** An output item begins. */
export function added(index: number, item: Fields): object {
  return { type: 'response.output_item.added', output_index: index, item };
}

/** An output item is whole. */
export function finished(index: number, item: Fields): object {
  return { type: 'response.output_item.done', output_index: index, item };
}

/** A piece of an output item. */
export function delta(index: number, what: string, piece: string): object {
  return { type: `response.${what}.delta`, output_index: index, delta: piece };
}

/** A message as an output item. */
export function messageItem(id: string, ...content: readonly Fields[]): Fields {
  return { type: 'message', id, role: 'assistant', content };
}

/** A function call as an output item. */
export function callItem(callId: string, name: string, args: string): Fields {
  return { type: 'function_call', id: `fc_${callId}`, call_id: callId, name, arguments: args };
}
