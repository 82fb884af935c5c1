import { checkpoints } from './checkpoints.ts';
import { concurrency } from './concurrency.ts';
import { magenticRun } from './magentic-run.ts';
import { resets } from './resets.ts';
import { sizes } from './sizes.ts';
import { type Section } from './section.ts';

/** Sections that only this library has, or that need another way of measuring. */
export const OWN_SECTIONS: Readonly<Record<string, Section | undefined>> = {
  B5: checkpoints,
  B7: concurrency,
  B8: sizes,
  B9: resets,
  B10: magenticRun,
};
