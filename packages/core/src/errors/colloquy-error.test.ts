import { describe, expect, it, vi } from 'vitest';
import { ChatClientError } from './chat-client-errors.ts';
import { ColloquyError } from './colloquy-error.ts';
import { ConfigurationError } from './configuration-error.ts';

describe('ColloquyError', () => {
  it('carries name, code, message and cause', () => {
    const cause = new Error('below');

    const error = new ConfigurationError('Expected more.', { cause });

    expect({ ...error, name: error.name, message: error.message, cause: error.cause }).toEqual({
      name: 'ConfigurationError',
      code: 'configuration/invalid',
      message: 'Expected more.',
      cause,
    });
    expect(error).toBeInstanceOf(ColloquyError);
  });

  it('has no cause where none is given', () => {
    expect('cause' in new ColloquyError('x', { code: 'a/b' })).toBe(false);
  });

  it('knows its own instances and those of derived classes', () => {
    const error = new ConfigurationError('x');

    expect(ColloquyError.isInstance(error)).toBe(true);
    expect(ConfigurationError.isInstance(error)).toBe(true);
    expect(ChatClientError.isInstance(error)).toBe(false);
    expect(ConfigurationError.isInstance(new ColloquyError('x', { code: 'a/b' }))).toBe(false);
  });

  it('knows the instances of another copy of the package', async () => {
    vi.resetModules();
    const copy = await import('./configuration-error.ts');

    const error = new copy.ConfigurationError('x');

    expect(error).not.toBeInstanceOf(ColloquyError);
    expect(ColloquyError.isInstance(error)).toBe(true);
    expect(ConfigurationError.isInstance(error)).toBe(true);
    expect(ChatClientError.isInstance(error)).toBe(false);
  });

  it('is not mistaken in foreign values', () => {
    const foreign = [null, undefined, 'error', new Error('x'), { name: 'ColloquyError' }];

    expect(foreign.map((value) => ColloquyError.isInstance(value))).toEqual(
      foreign.map(() => false),
    );
  });
});

describe('ChatClientError', () => {
  it('tells whether to try again, and when', () => {
    const error = new ChatClientError('slow down', {
      code: 'chat-client/rate-limit',
      retryable: true,
      status: 429,
      retryAfterMs: 1500,
      requestId: 'req_1',
    });

    expect({ ...error }).toEqual({
      name: 'ChatClientError',
      code: 'chat-client/rate-limit',
      retryable: true,
      status: 429,
      retryAfterMs: 1500,
      requestId: 'req_1',
    });
  });
});
