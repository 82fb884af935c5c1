import { type JsonValue } from '@colloquy/core';

/** Replaces what must not be stored in a text. */
export type Redact = (text: string) => string;

const REDACTED = '[redacted]';

/** What keys and tokens look like. */
const SECRETS: readonly RegExp[] = [
  /\b(?:sk|pk|rk)-[\w-]{16,}/g,
  /\bBearer\s+[\w.~+/=-]{8,}/gi,
  /\bgh[opsur]_\w{20,}/g,
  /\bgithub_pat_\w{20,}/g,
  /\bxox[abeprs]-[\w-]{10,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /\bAIza[\w-]{30,}/g,
  /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g,
];

/** Names of fields whose text is a secret whatever it looks like. */
const SECRET_FIELD =
  /^(?:authorization|password|secret|(?:access|api|auth|refresh)[-_]?(?:key|token))$/i;

/**
 * A copy of a value with no secrets in its texts: what looks like a key or token, and what fields such as `apiKey` hold.
 *
 * Security: it knows common shapes and cannot know all; `redact` is for those of one's own.
 */
export function redacted(value: JsonValue, redact: Redact): JsonValue {
  if (typeof value === 'string') return redact(withoutSecrets(value));
  if (isList(value)) return value.map((each) => redacted(each, redact));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [
    key,
    typeof each === 'string' && SECRET_FIELD.test(key) ? REDACTED : redacted(each, redact),
  ]);
  return Object.fromEntries(entries);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function withoutSecrets(text: string): string {
  return SECRETS.reduce((left, secret) => left.replace(secret, REDACTED), text);
}
