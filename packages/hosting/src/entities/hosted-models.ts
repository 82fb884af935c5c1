import { ConfigurationError, type Logger } from '@colloquy/core';

import { ApiError, invalidRequest } from '../wire/api-error.ts';
import { type HostedEntity, instanceSourceOf, nameOf } from './entity.ts';
import { InstancePool } from './instance-pool.ts';

/** What is hosted: one workflow, one agent, or several of both by the name that clients give as `model`. */
export type HostedModels =
  | { readonly workflow: HostedEntity; readonly agent?: never; readonly models?: never }
  | { readonly agent: HostedEntity; readonly workflow?: never; readonly models?: never }
  | {
      readonly models: Readonly<Record<string, HostedEntity>>;
      readonly workflow?: never;
      readonly agent?: never;
    };

/** A model as clients know it, with its instances. */
export interface HostedModel {
  readonly name: string;
  readonly pool: InstancePool;
}

/** How models are hosted. */
export interface HostedModelsOptions {
  readonly maxInstances: number;
  readonly logger: Logger;
}

/**
 * The models of a server, by name.
 *
 * Owns the pools of their instances. The name of a single model that is given as a function is that of the first
 * workflow or agent that the function makes.
 */
export class HostedModelsByName {
  readonly #models = new Map<string, HostedModel>();
  readonly #options: HostedModelsOptions;
  readonly #unnamed: HostedEntity | undefined;
  #naming: Promise<void> | undefined;

  /** @throws {ConfigurationError} `hosting/invalid-entity` when nothing is hosted, or not one thing is meant. */
  constructor(models: HostedModels, options: HostedModelsOptions) {
    this.#options = options;
    assertOneKind(models);
    const single = models.workflow ?? models.agent;
    const name = single === undefined ? undefined : nameOf(single);
    if (single === undefined)
      for (const [key, entity] of Object.entries(models.models ?? {})) this.#add(key, entity);
    else if (name === undefined) this.#unnamed = single;
    else this.#add(name, single);
  }

  /** The models' names, in the order in which they were given. */
  async names(): Promise<readonly string[]> {
    await this.#name();
    return [...this.#models.keys()];
  }

  /**
   * The model that a client asks for; without a name, the only one.
   *
   * @throws {ApiError} 400 without a name where there are several, 404 for an unknown one.
   */
  async find(name: string | undefined): Promise<HostedModel> {
    await this.#name();
    const names = [...this.#models.keys()];
    const known = names.map((each) => JSON.stringify(each)).join(', ');
    const [only = ''] = names;
    if (name === undefined && names.length > 1)
      throw invalidRequest(`Expected a model, one of ${known}.`, 'model', 'missing_model');
    const model = this.#models.get(name ?? only);
    if (model !== undefined) return model;
    throw new ApiError(`No model ${JSON.stringify(name)} is hosted here. There are: ${known}.`, {
      status: 404,
      wireCode: 'model_not_found',
      param: 'model',
    });
  }

  #add(name: string, entity: HostedEntity): void {
    const pool = new InstancePool(instanceSourceOf(entity, name), this.#options);
    this.#models.set(name, { name, pool });
  }

  /** Makes a first instance to learn its name, which the pool then uses. */
  async #name(): Promise<void> {
    const entity = this.#unnamed;
    if (entity === undefined) return;
    this.#naming ??= this.#addUnnamed(entity);
    try {
      await this.#naming;
    } catch (error) {
      // The next request tries again.
      this.#naming = undefined;
      throw error;
    }
  }

  async #addUnnamed(entity: HostedEntity): Promise<void> {
    const source = instanceSourceOf(entity, undefined);
    let first: Awaited<ReturnType<typeof source.create>> | undefined = await source.create();
    const { name } = first;
    const create: typeof source.create = async () => {
      const made = first ?? (await source.create());
      first = undefined;
      return made;
    };
    this.#models.set(name, { name, pool: new InstancePool({ ...source, create }, this.#options) });
  }
}

function assertOneKind({ workflow, agent, models }: HostedModels): void {
  const given = [workflow, agent, models].filter((each) => each !== undefined).length;
  const isEmpty = models !== undefined && Object.keys(models).length === 0;
  if (given === 1 && !isEmpty) return;
  throw new ConfigurationError(
    `Expected one of workflow, agent and models (with at least one entry), got ${given === 1 ? 'models without entries' : `${given} of them`}.`,
    { code: 'hosting/invalid-entity' },
  );
}
