import * as core from '@colloquy/core';
import * as coreNode from '@colloquy/core/node';
import * as coreSpi from '@colloquy/core/spi';
import * as hosting from '@colloquy/hosting';
import * as hostingNode from '@colloquy/hosting/node';
import * as hostingPostgres from '@colloquy/hosting/postgres';
import * as openai from '@colloquy/openai';
import * as orchestrations from '@colloquy/orchestrations';
import * as postgres from '@colloquy/stores/postgres';
import * as redis from '@colloquy/stores/redis';
import * as sqlite from '@colloquy/stores/sqlite';
import * as testing from '@colloquy/testing';
import { describe, expect, it } from 'vitest';

const PACKAGES = {
  core,
  'core-node': coreNode,
  'core-spi': coreSpi,
  hosting,
  'hosting-node': hostingNode,
  'hosting-postgres': hostingPostgres,
  openai,
  orchestrations,
  'stores-postgres': postgres,
  'stores-redis': redis,
  'stores-sqlite': sqlite,
  testing,
};

describe('the public API', () => {
  it.each(Object.entries(PACKAGES))(
    'of %s exports what is listed here, and nothing else',
    async (name, exports) => {
      await expect(`${Object.keys(exports).toSorted().join('\n')}\n`).toMatchFileSnapshot(
        `public-api/${name}.txt`,
      );
    },
  );

  it('names every error class as its static errorName says', () => {
    const errors = Object.values(PACKAGES)
      .flatMap((exports) => Object.entries(exports))
      .filter(([name]) => name.endsWith('Error'));

    const names = errors.map(([name, value]) => [name, Reflect.get(value, 'errorName')]);

    expect(names.length).toBeGreaterThan(10);
    expect(names.filter(([name, errorName]) => name !== errorName)).toEqual([]);
  });
});
