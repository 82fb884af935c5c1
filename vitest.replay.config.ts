import { mergeConfig } from 'vitest/config';

import config from './vitest.config.ts';

/** What cannot hold where every superstep begins with a decoded state; each says why. */
const EXCEPTIONS = [
  // A session that the caller supplied is restored as a copy, so the caller's own no longer grows.
  'keeps a participant’s session that the caller supplied',
  'may be the caller’s, who finds the decisions in it',
  'that the caller supplied are used, and kept at reset with a warning; others are renewed',
  // Decoded objects are other objects, so a store that has seen the old ones stores them again.
  'stores what is said once, not once a turn',
  // It has an executor that refuses to be restored.
  'restores the state of classes, and refuses whole when one refuses',
  // A restored program is run again from its beginning, which is where this one refuses, one pass earlier.
  'is refused in the same process too',
  // What forgets itself in every checkpoint forgets here all the time, which is nothing to be found out.
  'finds an executor that forgets its state in a checkpoint',
];

/** The whole suite in the "replay everything" mode, see `test/replay/setup.ts`. */
export default mergeConfig(config, {
  test: {
    setupFiles: ['test/replay/setup.ts'],
    testNamePattern: new RegExp(`^(?!.*(${EXCEPTIONS.join('|')}))`, 'u'),
    typecheck: { enabled: false },
    // Encoding and decoding at every superstep takes its time.
    testTimeout: 30_000,
  },
});
