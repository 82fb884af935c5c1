import { ChatClientError, ConfigurationError } from '@colloquy/core';
import { OpenAI } from 'openai';
import { readEnv } from './read-env.ts';

const OPENAI_URL = 'https://api.openai.com/v1';
// Servers without authentication ignore the key, but the SDK wants one to send.
const PLACEHOLDER_KEY = 'not-needed';

/** How to reach the service. */
export interface ConnectionOptions {
  /** Default: `OPENAI_API_KEY`. A function is asked before every attempt. Servers other than OpenAI's may need none. */
  readonly apiKey?: string | (() => Promise<string>) | undefined;
  /** Default: `OPENAI_BASE_URL`, else OpenAI's own. Usually ends in `/v1`. */
  readonly baseURL?: string | undefined;
  /** How often the SDK sends a failed request again (408, 409, 429, 5xx, no connection, timeout); default 2. */
  readonly maxRetries?: number | undefined;
  /** How long one attempt may take until the answer begins, in milliseconds; default 10 minutes. */
  readonly timeoutMs?: number | undefined;
  /** Headers of every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Replaces the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/**
 * Creates the SDK's client.
 *
 * @throws {ChatClientError} `chat-client/missing-api-key` without a key for OpenAI's own service.
 * @throws {ConfigurationError} `openai/invalid-base-url` when the base URL is none.
 */
export function createSdk(options: ConnectionOptions): OpenAI {
  const baseURL = options.baseURL?.trim() || readEnv('OPENAI_BASE_URL') || OPENAI_URL;
  const isOwn = isOpenAIHost(baseURL);
  const apiKey = options.apiKey || readEnv('OPENAI_API_KEY');
  if (apiKey === undefined && isOwn) throw missingKey(options, baseURL);
  return new OpenAI({
    apiKey: apiKey ?? PLACEHOLDER_KEY,
    baseURL,
    // Looked up at each request, so that what wraps it later (telemetry, a test's interception) is used.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    maxRetries: options.maxRetries,
    timeout: options.timeoutMs,
    defaultHeaders: options.headers,
    // The SDK logs what it also throws; its log is for those who ask for it.
    logLevel: readEnv('OPENAI_LOG') === undefined ? 'off' : undefined,
  });
}

/**
 * Claims that a base URL is OpenAI's own service, also behind Azure.
 *
 * @throws {ConfigurationError} `openai/invalid-base-url` when it is not a URL.
 */
export function isOpenAIHost(baseURL: string): boolean {
  const { hostname } = parseUrl(baseURL);
  return /(?:^|\.)openai\.com$|\.azure\.com$/.test(hostname);
}

function parseUrl(baseURL: string): URL {
  try {
    return new URL(baseURL);
  } catch (error) {
    throw new ConfigurationError(
      `Expected a base URL such as ${OPENAI_URL}, got "${baseURL}". ` +
        `Correct the baseURL option or OPENAI_BASE_URL.`,
      { code: 'openai/invalid-base-url', cause: error },
    );
  }
}

function missingKey({ apiKey }: ConnectionOptions, baseURL: string): ChatClientError {
  const given = apiKey === undefined ? 'no apiKey option' : 'an empty apiKey option';
  return new ChatClientError(
    `Expected an API key for ${baseURL}, got ${given} and no OPENAI_API_KEY in the environment. ` +
      `Set OPENAI_API_KEY, pass { apiKey }, or pass { baseURL } of a server that needs no key.`,
    { code: 'chat-client/missing-api-key', retryable: false },
  );
}
