/** Run by `node --test`. */
import { test } from 'node:test';

import { registerSmokeTests } from './smoke.ts';

// The runner itself hears how each ends.
registerSmokeTests({ test: (name, run) => void test(name, run) });
