import { mergeConfig } from 'vitest/config';

import config from './vitest.config.ts';

/** The line that is left out, as `path:line`. */
const [, path = '', line = ''] = /^(.*):(\d+)$/.exec(process.env['MUTANT'] ?? '') ?? [];

/** The suite with one line of a source left out, see `scripts/mutate.ts`. */
export default mergeConfig(config, {
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre',
      transform: (code: string, id: string) =>
        id === path
          ? code
              .split('\n')
              .toSpliced(Number(line) - 1, 1)
              .join('\n')
          : undefined,
    },
  ],
  // What is cached has no line left out, or another.
  test: { typecheck: { enabled: false }, fsModuleCache: false },
});
