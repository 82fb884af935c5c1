import { describe, expect, it } from 'vitest';

import { designateOutputs, type OutputSelection } from './output-designation.ts';

describe('designateOutputs', () => {
  it.each<[string, OutputSelection, readonly string[]]>([
    ['nothing', {}, ['output', 'output', 'output']],
    ['outputs', { outputFrom: ['a'] }, ['output', 'hidden', 'hidden']],
    ['intermediates', { intermediateFrom: ['a'] }, ['intermediate', 'hidden', 'hidden']],
    [
      'one of each',
      { outputFrom: ['a'], intermediateFrom: ['b'] },
      ['output', 'intermediate', 'hidden'],
    ],
    [
      'outputs and the rest',
      { outputFrom: ['a'], intermediateFrom: 'all_other' },
      ['output', 'intermediate', 'intermediate'],
    ],
    ['all outputs', { outputFrom: 'all' }, ['output', 'output', 'output']],
    [
      'all intermediates',
      { intermediateFrom: 'all' },
      ['intermediate', 'intermediate', 'intermediate'],
    ],
  ])('labels yields where the builder names %s', (_, selection, kinds) => {
    expect(['a', 'b', 'c'].map(designateOutputs(selection))).toEqual(kinds);
  });
});
