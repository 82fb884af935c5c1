import { type Logger } from '@colloquy/core';
import { type MiddlewareHandler } from 'hono';

import { ApiError } from '../wire/api-error.ts';
import { type ApiKeyCheck, type HostSettings } from './host-options.ts';
import { type RouteEnv } from './route-env.ts';

/** The tenant of all requests where nothing separates them. */
const EVERYBODY = 'default';

/**
 * Lets a request in, and finds out whose it is, before anything of it is read.
 *
 * Security: a request that cannot be told to be somebody's is refused.
 */
export function admit(
  { apiKey, isolation }: Pick<HostSettings, 'apiKey' | 'isolation'>,
  logger: Logger,
): MiddlewareHandler<RouteEnv> {
  /** Checks of the caller's throw for what they do not know; why is told to nobody outside. */
  const orUnknown = async <T>(
    what: string,
    check: () => T | Promise<T>,
  ): Promise<T | undefined> => {
    try {
      return await check();
    } catch (error) {
      logger.warn(`A request was refused, since ${what} threw: ${String(error)}`);
      return undefined;
    }
  };
  return async (context, next) => {
    const request = context.req.raw;
    if (
      apiKey !== undefined &&
      (await orUnknown('apiKey', () => isKnown(apiKey, request))) !== true
    )
      throw unauthorized(
        'Expected a valid bearer token in the authorization header.',
        'invalid_api_key',
      );
    const tenant =
      isolation === undefined ? EVERYBODY : await orUnknown('isolation', () => isolation(request));
    if (typeof tenant !== 'string' || !isTenant(tenant))
      throw unauthorized('The request cannot be told to be of any tenant.', 'unknown_tenant');
    context.set('tenant', tenant);
    await next();
  };
}

async function isKnown(check: ApiKeyCheck, request: Request): Promise<boolean> {
  const [, token] = /^Bearer (\S{1,4096})$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  if (token === undefined) return false;
  if (typeof check === 'function') return check(token, request);
  const given = await digest(token);
  const known = await Promise.all((typeof check === 'string' ? [check] : check).map(digest));
  // Every token is compared, and digests are: how long it takes tells nothing of the tokens.
  return known.filter((each) => each === given).length > 0;
}

async function digest(token: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  return Array.from(new Uint8Array(bytes)).join(',');
}

/** Up to 256 characters, none of which is a control character. */
function isTenant(tenant: string): boolean {
  return (
    tenant.length > 0 && tenant.length <= 256 && !/\p{Cc}/u.test(tenant) && tenant.isWellFormed()
  );
}

function unauthorized(message: string, wireCode: string): ApiError {
  return new ApiError(message, { status: 401, wireCode });
}
