import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { type AgentLike, ConfigurationError, type Workflow } from '@colloquy/core';

import { type HostedEntity, isHostable } from '../entities/entity.ts';
import { type HostedModels } from '../entities/hosted-models.ts';

/**
 * What a module exports to be hosted: its default export, which may be a function that makes it; else every workflow and
 * agent that it exports, by their names.
 *
 * Rejects with a `ConfigurationError` `hosting/invalid-module` when there is nothing, or two have one name; with whatever
 * the module throws.
 */
export async function loadModule(path: string): Promise<HostedModels> {
  const exports: Readonly<Record<string, unknown>> = await import(
    pathToFileURL(resolve(path)).href
  );
  const { default: main, ...others } = exports;
  if (isHostable(main)) return { workflow: main };
  // What it makes is looked at when it is made.
  if (typeof main === 'function') return { workflow: main as () => Workflow | AgentLike };
  const models = new Map<string, HostedEntity>();
  for (const value of Object.values(others)) {
    if (!isHostable(value)) continue;
    const known = models.get(value.name);
    if (known !== undefined && known !== value)
      throw invalid(`workflows and agents of different names, got two named "${value.name}"`);
    models.set(value.name, value);
  }
  if (models.size > 0) return { models: Object.fromEntries(models) };
  throw invalid(
    `"${path}" to export a workflow or an agent, got ${Object.keys(exports).join(', ') || 'no exports'}`,
  );
}

function invalid(expected: string): ConfigurationError {
  return new ConfigurationError(
    `Expected ${expected}. Write: export const team = groupChat({ … }), or export default () => groupChat({ … })`,
    { code: 'hosting/invalid-module' },
  );
}
