import {
  type Content,
  type DataContent,
  type FunctionCallContent,
  type FunctionResultContent,
  type Message,
  textOf,
  type UriContent,
} from '@colloquy/core';
import { type OpenAI } from 'openai';
import { type Attachment, toAttachment, unsupportedAttachment } from '../wire/attachment.ts';
import { requestError } from '../wire/request-error.ts';
import { argumentsText, resultText } from '../wire/tool-text.ts';

type ChatMessage = OpenAI.Chat.Completions.ChatCompletionMessageParam;
type ChatPart = OpenAI.Chat.Completions.ChatCompletionContentPart;

const TAKES = 'images, PDF files and WAV or MP3 audio in user messages, files and audio as data';

/**
 * Maps messages to those of Chat Completions, in order.
 *
 * Results of tools become messages of their own: before the rest of their message, but after the calls of an
 * assistant. Texts of a message are joined. Not sent: reasoning (servers reject it), approvals, usage and errors; a
 * message that holds nothing else is dropped.
 *
 * Security: names of authors come from agents and users. They go into the `name` field only, never into text, and only
 * letters, digits, `_` and `-` of them.
 *
 * @throws {ChatClientError} `chat-client/invalid-request` for a content that the API cannot carry.
 */
export function toChatMessages(messages: readonly Message[]): ChatMessage[] {
  return messages.flatMap((message) => {
    const results = message.contents.filter(isResult).map(toToolMessage);
    const own = toOwnMessage(message);
    return message.role === 'assistant' ? [...own, ...results] : [...results, ...own];
  });
}

function toOwnMessage(message: Message): ChatMessage[] {
  switch (message.role) {
    case 'system':
      return systemMessage(message);
    case 'user':
      return userMessage(message);
    case 'assistant':
      return assistantMessage(message);
    case 'tool':
      return toolRest(message);
  }
}

function systemMessage(message: Message): ChatMessage[] {
  refuseMedia(message);
  const content = textOf(message);
  return content === '' ? [] : [{ role: 'system', content, ...nameOf(message) }];
}

function userMessage(message: Message): ChatMessage[] {
  const parts = message.contents.flatMap(toPart);
  if (parts.length === 0) return [];
  const isText = parts.every((part) => part.type === 'text');
  const content = isText ? textOf(message) : parts;
  return [{ role: 'user', content, ...nameOf(message) }];
}

function assistantMessage(message: Message): ChatMessage[] {
  refuseMedia(message);
  const text = textOf(message);
  const calls = message.contents.filter(isCall);
  if (text === '' && calls.length === 0) return [];
  const content = text === '' ? null : text;
  if (calls.length === 0) return [{ role: 'assistant', content, ...nameOf(message) }];
  return [{ role: 'assistant', content, ...nameOf(message), tool_calls: calls.map(toToolCall) }];
}

/** A message of a tool holds results, which are mapped for every role; text in it would have no call to belong to. */
function toolRest(message: Message): ChatMessage[] {
  refuseMedia(message);
  if (textOf(message) === '') return [];
  throw requestError(
    `Expected only function_result contents in a tool message, got text "${textOf(message).slice(0, 80)}". ` +
      `Send text in a user or an assistant message.`,
  );
}

function toPart(content: Content): ChatPart[] {
  if (content.type === 'text') {
    return content.text === '' ? [] : [{ type: 'text', text: content.text }];
  }
  return isMedia(content) ? [toMediaPart(toAttachment(content))] : [];
}

function toMediaPart(attachment: Attachment): ChatPart {
  const { mediaType, url, base64, filename = 'attachment.pdf' } = attachment;
  if (mediaType.startsWith('image/')) return { type: 'image_url', image_url: { url } };
  if (base64 !== undefined) {
    if (mediaType === 'application/pdf')
      return { type: 'file', file: { file_data: url, filename } };
    const format = audioFormatOf(mediaType);
    if (format !== undefined) return { type: 'input_audio', input_audio: { data: base64, format } };
  }
  throw unsupportedAttachment(attachment, 'Chat Completions', TAKES);
}

function audioFormatOf(mediaType: string): 'wav' | 'mp3' | undefined {
  if (/^audio\/(?:x-)?wave?$/.test(mediaType)) return 'wav';
  return /^audio\/(?:mpeg|mp3)$/.test(mediaType) ? 'mp3' : undefined;
}

function refuseMedia(message: Message): void {
  const media = message.contents.find(isMedia);
  if (media === undefined) return;
  const api = `A Chat Completions message of the role "${message.role}"`;
  throw unsupportedAttachment(toAttachment(media), api, 'text only');
}

function toToolCall(
  call: FunctionCallContent,
): OpenAI.Chat.Completions.ChatCompletionMessageToolCall {
  const { callId, name } = call;
  return { type: 'function', id: callId, function: { name, arguments: argumentsText(call) } };
}

function toToolMessage(result: FunctionResultContent): ChatMessage {
  return { role: 'tool', tool_call_id: result.callId, content: resultText(result) };
}

/** The API rejects names with spaces and `<|\/>`, and names over 64 characters. */
function nameOf({ authorName = '' }: Message): { name?: string } {
  const name = authorName.replaceAll(/[^\p{L}\p{N}_-]+/gu, '_').slice(0, 64);
  return /^_*$/.test(name) ? {} : { name };
}

function isCall(content: Content): content is FunctionCallContent {
  return content.type === 'function_call';
}

function isResult(content: Content): content is FunctionResultContent {
  return content.type === 'function_result';
}

function isMedia(content: Content): content is DataContent | UriContent {
  return content.type === 'data' || content.type === 'uri';
}
