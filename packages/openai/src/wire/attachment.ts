import { type DataContent, type UriContent } from '@colloquy/core';
import { requestError } from './request-error.ts';

/** A file that goes with a message, whichever way its bytes come. */
export interface Attachment {
  /** Lower case, without parameters, such as `image/png`. */
  readonly mediaType: string;
  /** Where the bytes are; a `data:` URL when they are inside the message. */
  readonly url: string;
  /** The bytes in base64, when they are inside the message. */
  readonly base64: string | undefined;
  readonly filename: string | undefined;
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
};

const DATA_URL = /^data:(?<mediaType>[^;,]+)[^,]*;base64,(?<base64>.*)$/s;

/**
 * Reads a `data` or `uri` content.
 *
 * A `uri` without a media type is known by its `data:` prefix or its file extension.
 *
 * @throws {ChatClientError} `chat-client/invalid-request` when the media type cannot be told.
 */
export function toAttachment(content: DataContent | UriContent): Attachment {
  if (content.type === 'data') {
    const { data, mediaType, filename } = content;
    const url = `data:${mediaType};base64,${data}`;
    return { mediaType: essenceOf(mediaType), url, base64: data, filename };
  }
  const inline = DATA_URL.exec(content.uri)?.groups;
  const mediaType = content.mediaType ?? inline?.['mediaType'] ?? mediaTypeOf(content.uri);
  if (mediaType === undefined) {
    throw requestError(
      `Expected a uri content whose media type is known, got "${content.uri.slice(0, 80)}". ` +
        `Set its mediaType, such as 'image/png'.`,
    );
  }
  const base64 = inline?.['base64'];
  return { mediaType: essenceOf(mediaType), url: content.uri, base64, filename: undefined };
}

/** The error for an attachment that an API does not take. */
export function unsupportedAttachment(attachment: Attachment, api: string, takes: string): Error {
  const way = attachment.base64 === undefined ? 'by URL' : 'inside the message';
  return requestError(
    `${api} cannot carry ${attachment.mediaType} ${way}: it takes ${takes}. ` +
      `Convert the content, describe it as text, or leave it out.`,
  );
}

function essenceOf(mediaType: string): string {
  return (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

function mediaTypeOf(uri: string): string | undefined {
  const extension = /\.(?<extension>[a-z0-9]+)(?:[?#].*)?$/i.exec(uri)?.groups?.['extension'];
  return extension === undefined ? undefined : MEDIA_TYPES[extension.toLowerCase()];
}
