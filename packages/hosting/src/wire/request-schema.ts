import * as z from 'zod';

import { inputItemSchema } from './input-schema.ts';

/** The most items of one input. */
const MAX_ITEMS = 1000;

/** The longest instructions, as JSON. */
const MAX_INSTRUCTIONS = 65_536;

/** Entries are counted before any is looked at. */
const metadataSchema = z
  .unknown()
  .refine(
    (value) => typeof value !== 'object' || Object.keys(value ?? {}).length <= 16,
    'Expected at most 16 entries',
  )
  .pipe(z.record(z.string().max(64), z.string().max(512)));

/** Instructions are kept and told with the response, and used for nothing. */
const instructionsSchema = z
  .union([z.string(), z.array(z.unknown())])
  .refine(
    (value) => JSON.stringify(value).length <= MAX_INSTRUCTIONS,
    `Expected at most ${MAX_INSTRUCTIONS} characters`,
  );

/** `POST /responses`. Fields that a workflow cannot use are taken and not looked at. */
export const createRequestSchema = z.object({
  model: z.string().min(1).max(200).nullish(),
  input: z.union([z.string(), z.array(inputItemSchema).max(MAX_ITEMS)]).nullish(),
  stream: z.boolean().nullish(),
  background: z.boolean().nullish(),
  store: z.boolean().nullish(),
  previous_response_id: z.string().nullish(),
  conversation: z
    .union([z.string(), z.object({ id: z.string() })])
    .transform((conversation) =>
      typeof conversation === 'string' ? conversation : conversation.id,
    )
    .nullish(),
  metadata: metadataSchema.nullish(),
  max_output_tokens: z.int().min(1).nullish(),
  instructions: instructionsSchema.nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  user: z.string().max(512).nullish(),
});

/** A parsed request for a response. */
export type CreateRequest = z.output<typeof createRequestSchema>;

/** `POST /conversations`. */
export const createConversationSchema = z.object({
  items: z.array(inputItemSchema).max(20).nullish(),
  metadata: metadataSchema.nullish(),
});

/** `POST /conversations/{id}`. */
export const updateConversationSchema = z.object({ metadata: metadataSchema });

/** `POST /conversations/{id}/items`. */
export const createItemsSchema = z.object({ items: z.array(inputItemSchema).min(1).max(20) });
