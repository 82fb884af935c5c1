import type * as z from 'zod';

import { ApiError, invalidRequest, tooNested } from './api-error.ts';
import { jsonDepth } from './json-depth.ts';

/** What a body may be like. */
export interface BodyLimits {
  /** In bytes. */
  readonly maxBodyBytes: number;
  /** How deep arrays and objects may be nested. */
  readonly maxDepth: number;
}

/**
 * Reads a request's JSON body.
 *
 * @throws {ApiError} 415 for another content type, 413 for a body that is too large, 400 for what is no JSON.
 */
export async function readJson(
  request: Request,
  { maxBodyBytes, maxDepth }: BodyLimits,
): Promise<unknown> {
  const contentType = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(?:;|$)/i.test(contentType)) {
    // A page of another site can send a form or plain text without asking the browser first, but no JSON.
    throw new ApiError(
      `Expected content-type application/json, got ${JSON.stringify(contentType.slice(0, 100))}.`,
      { status: 415, wireCode: 'unsupported_media_type' },
    );
  }
  const text = await readText(request, maxBodyBytes);
  if (jsonDepth(text) > maxDepth) throw tooNested(maxDepth);
  try {
    return JSON.parse(text);
  } catch {
    throw invalidRequest('Expected a body of valid JSON.', undefined, 'invalid_json');
  }
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > maxBytes) break;
      text += decoder.decode(chunk, { stream: true });
    }
    if (size <= maxBytes) return text + decoder.decode();
  } catch (error) {
    throw new ApiError('Expected a body of UTF-8 text.', {
      status: 400,
      wireCode: 'invalid_json',
      cause: error,
    });
  }
  throw new ApiError(`Expected a body of at most ${maxBytes} bytes.`, {
    status: 413,
    wireCode: 'request_too_large',
  });
}

/**
 * Parses what a client sent.
 *
 * @throws {ApiError} 400 that names the first field that is wrong.
 */
export function parseWith<TSchema extends z.ZodType>(
  schema: TSchema,
  value: unknown,
): z.output<TSchema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = deepestIssue(result.error.issues);
  const param = pathText(issue?.path ?? []);
  const where = param === '' ? 'the body' : param;
  throw invalidRequest(
    `Invalid ${where}: ${issue?.message ?? 'it has another shape'}.`,
    param === '' ? undefined : param,
  );
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The first issue; of alternatives, that of the one which came furthest, since it is the one that was meant. */
function deepestIssue(issues: readonly z.core.$ZodIssue[]): Issue | undefined {
  const [first] = issues;
  if (first?.code !== 'invalid_union') return first;
  const tooBig = first.errors.flat().find(({ code, path }) => code === 'too_big' && !path.length);
  if (tooBig !== undefined) return { path: first.path, message: tooBig.message };
  const inner = first.errors
    .map(deepestIssue)
    .filter((issue) => issue !== undefined)
    .toSorted((left, right) => right.path.length - left.path.length)[0];
  if (inner === undefined || inner.path.length === 0) return first;
  return { path: [...first.path, ...inner.path], message: inner.message };
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      return index === 0 ? String(step) : `.${String(step)}`;
    })
    .join('')
    .slice(0, 200);
}
