import * as z from 'zod';

/**
 * The most parts of one item.
 *
 * Security: each that is wrong makes an issue of its own, and a body has room for millions.
 */
const MAX_PARTS = 256;

const textPart = z.object({ type: z.literal('input_text'), text: z.string() });
const outputTextPart = z.object({ type: z.literal('output_text'), text: z.string() });
const refusalPart = z.object({ type: z.literal('refusal'), refusal: z.string() });
const imagePart = z.object({ type: z.literal('input_image'), image_url: z.string() });
const filePart = z
  .object({
    type: z.literal('input_file'),
    file_url: z.string().nullish(),
    file_data: z.string().nullish(),
    filename: z.string().nullish(),
  })
  .refine(
    ({ file_url: url, file_data: data }) => typeof url === 'string' || typeof data === 'string',
    'Expected file_url or file_data; uploaded files are not supported',
  );

const contentPart = z.discriminatedUnion('type', [
  textPart,
  outputTextPart,
  refusalPart,
  imagePart,
  filePart,
]);

const messageItem = z.object({
  type: z.literal('message'),
  id: z.string().nullish(),
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content: z.union([z.string(), z.array(contentPart).max(MAX_PARTS)]),
  author: z.string().nullish(),
});

const functionCallItem = z.object({
  type: z.literal('function_call'),
  id: z.string().nullish(),
  call_id: z.string().min(1),
  name: z.string(),
  arguments: z.string(),
});

const functionCallOutputItem = z.object({
  type: z.literal('function_call_output'),
  id: z.string().nullish(),
  call_id: z.string().min(1),
  output: z.union([z.string(), z.array(textPart).max(MAX_PARTS)]),
});

const approvalRequestItem = z.object({
  type: z.literal('mcp_approval_request'),
  id: z.string().min(1),
  name: z.string(),
  arguments: z.string(),
});

const approvalResponseItem = z.object({
  type: z.literal('mcp_approval_response'),
  id: z.string().nullish(),
  approval_request_id: z.string().min(1),
  approve: z.boolean(),
  reason: z.string().nullish(),
});

/** What clients send back because it was in an output; a workflow has no use for it. */
const echoedItem = z.object({
  type: z.enum(['reasoning', 'colloquy:workflow_event']),
  id: z.string().nullish(),
});

const typedItem = z.discriminatedUnion('type', [
  messageItem,
  functionCallItem,
  functionCallOutputItem,
  approvalRequestItem,
  approvalResponseItem,
  echoedItem,
]);

/** One item of an input; without a `type` it is a message. */
export const inputItemSchema = z.preprocess(
  (item) =>
    typeof item === 'object' && item !== null && !('type' in item)
      ? { ...item, type: 'message' }
      : item,
  typedItem,
);

/** One item of an input. */
export type InputItem = z.output<typeof typedItem>;

/** One part of a message's content. */
export type ContentPart = z.output<typeof contentPart>;
