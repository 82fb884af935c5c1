import {
  type Content,
  type FunctionCallContent,
  type FunctionResultContent,
  type Message,
  textOf,
} from '@colloquy/core';
import { type OpenAI } from 'openai';
import { type Attachment, toAttachment, unsupportedAttachment } from '../wire/attachment.ts';
import { requestError } from '../wire/request-error.ts';
import { argumentsText, resultText } from '../wire/tool-text.ts';
import { tryRestoreReasoning } from './reasoning-item.ts';

type InputItem = OpenAI.Responses.ResponseInputItem;
type InputPart = OpenAI.Responses.ResponseInputContent;

const FILE_TYPES =
  /^(?:text\/.+|application\/(?:pdf|json|rtf|msword|vnd\.(?:ms-|openxmlformats-|oasis\.).+))$/;
const TAKES = 'images and documents in user messages';

/**
 * Maps messages to the input items of the Responses API, in order.
 *
 * One message becomes as many items as it needs: text, calls, results and sealed reasoning are items of their own.
 * The API has no names of authors. Not sent: reasoning that the service did not seal, approvals, usage and errors; a
 * message that holds nothing else is dropped.
 *
 * @throws {ChatClientError} `chat-client/invalid-request` for a content that the API cannot carry.
 */
export function toResponsesInput(messages: readonly Message[]): InputItem[] {
  return messages.flatMap((message) => {
    if (message.role !== 'user') return message.contents.flatMap((item) => toItem(item, message));
    const results = message.contents.filter((item) => item.type === 'function_result');
    return [...results.map(toOutputItem), ...userItem(message)];
  });
}

function userItem(message: Message): InputItem[] {
  const parts = message.contents.flatMap(toPart);
  if (parts.length === 0) return [];
  const isText = parts.every((part) => part.type === 'input_text');
  return [{ role: 'user', content: isText ? textOf(message) : parts }];
}

function toItem(content: Content, { role }: Message): InputItem[] {
  switch (content.type) {
    case 'text':
      return textItem(content.text, role);
    case 'function_call':
      return [toCallItem(content)];
    case 'function_result':
      return [toOutputItem(content)];
    case 'reasoning':
      return tryRestoreReasoning(content.protected);
    case 'data':
    case 'uri':
      throw unsupportedAttachment(
        toAttachment(content),
        `A Responses message of the role "${role}"`,
        'text only',
      );
    case 'function_approval_request':
    case 'function_approval_response':
    case 'usage':
    case 'error':
      return [];
  }
}

function textItem(text: string, role: Message['role']): InputItem[] {
  if (text === '') return [];
  if (role === 'tool') {
    throw requestError(
      `Expected only function_result contents in a tool message, got text "${text.slice(0, 80)}". ` +
        `Send text in a user or an assistant message.`,
    );
  }
  return [{ role, content: text }];
}

function toCallItem(call: FunctionCallContent): InputItem {
  const { callId, name } = call;
  return { type: 'function_call', call_id: callId, name, arguments: argumentsText(call) };
}

function toOutputItem(result: FunctionResultContent): InputItem {
  return { type: 'function_call_output', call_id: result.callId, output: resultText(result) };
}

function toPart(content: Content): InputPart[] {
  if (content.type === 'text') {
    return content.text === '' ? [] : [{ type: 'input_text', text: content.text }];
  }
  if (content.type !== 'data' && content.type !== 'uri') return [];
  return [toMediaPart(toAttachment(content))];
}

function toMediaPart(attachment: Attachment): InputPart {
  const { mediaType, url, base64 } = attachment;
  if (mediaType.startsWith('image/')) {
    return { type: 'input_image', image_url: url, detail: 'auto' };
  }
  if (!FILE_TYPES.test(mediaType)) {
    throw unsupportedAttachment(attachment, 'The Responses API', TAKES);
  }
  if (base64 === undefined) return { type: 'input_file', file_url: url };
  return { type: 'input_file', filename: filenameOf(attachment), file_data: url };
}

function filenameOf({ filename, mediaType }: Attachment): string {
  return filename ?? (mediaType === 'application/pdf' ? 'attachment.pdf' : 'attachment');
}
