import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ledger } from '../../test/magentic-script.ts';
import { jsonObjectsIn } from '../shared/json-objects.ts';
import { parseLedger } from './parse-ledger.ts';
import { renderPrompt } from './prompts.ts';

const NAMES = ['A', 'Web Surfer'];
const read = (text: string) => parseLedger(undefined, text, NAMES);
const valid = ledger({ next: 'A', say: 'go' });

const pieces = fc.constantFrom(
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '\\',
  ',',
  ':',
  '//',
  '/*',
  '*/',
  '\n',
  'true',
  'False',
  'None',
  '"is_in_loop"',
  '"answer"',
  valid,
  '{"a":1}',
  '```',
  '__proto__',
  '\u0000',
  '🎈',
  '1e999',
);

describe('parseLedger', () => {
  it.each([
    ['as it should be', valid],
    ['in a fence', `\`\`\`json\n${valid}\n\`\`\``],
    ['within prose', `Sure! {"not": "it"} Here: ${valid} Does that help?`],
    ['with a byte order mark', `\uFEFF${valid}`],
    ['with Python literals', valid.replaceAll('false', 'False').replaceAll('true', 'True')],
    ['with single quotes', valid.replaceAll('"', "'")],
    ['with commas at the end', valid.replaceAll('}', ',}')],
    ['with comments', valid.replace('{', '{ // the ledger\n')],
    ['with names without quotes', valid.replaceAll(/"(\w+)":/g, '$1:')],
    ['with text for true and false', valid.replaceAll('false', '"no"').replaceAll('true', '"Yes"')],
    ['with numbers for true and false', valid.replaceAll('false', '0').replaceAll('true', '1')],
    ['twice, the last counting', ledger({ next: 'Web Surfer' }) + valid],
    ['after many braces', `${'{'.repeat(50)} ${valid}`],
  ])('takes a ledger %s', (_, text) => {
    expect(read(text)).toMatchObject({
      isRequestSatisfied: { answer: false },
      isProgressBeingMade: { answer: true },
      nextSpeaker: { answer: 'A' },
      instructionOrQuestion: { answer: 'go' },
    });
  });

  it('keeps braces and quotes in what is said', () => {
    const say = 'write "{ x: \'}\' }" and {y}';

    expect(read(`Well: ${ledger({ next: 'A', say })}`)).toMatchObject({
      instructionOrQuestion: { answer: say },
    });
  });

  it.each([
    ['nothing', '', 'no JSON object'],
    ['a field that is missing', valid.replace('is_in_loop', 'in_loop'), 'is_in_loop'],
    ['null for an answer', valid.replace('"go"', 'null'), 'instruction_or_question'],
    ['maybe for a truth', valid.replace('false', '"maybe"'), 'is_request_satisfied'],
    ['a stranger', ledger({ next: 'Zoe' }), '"Zoe"'],
    ['two names', ledger({ next: 'A or Web Surfer' }), 'no participant'],
    ['nothing to say', ledger({ next: 'A', say: ' ' }), 'empty'],
  ])('says what is wrong with %s', (_, text, problem) => {
    expect(read(text)).toEqual({ problem: expect.stringContaining(problem) });
  });

  it('does not mind who is next when all is done', () => {
    expect(read(ledger({ satisfied: true, next: 'nobody', say: '' }))).toMatchObject({
      isRequestSatisfied: { answer: true },
    });
  });

  it('survives ten thousand hostile texts, and makes nothing up', () => {
    const texts = fc.oneof(
      fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const result = read(text);
        if ('problem' in result) return typeof result.problem === 'string';
        return NAMES.includes(result.nextSpeaker.answer) && text.includes('"go"');
      }),
      { numRuns: 10_000 },
    );
  });

  it('never says what is not in the text, however that was mangled', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    const cut = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), piece: pieces });
    const said = fc.record({ words: word, reason: word, cuts: fc.array(cut, { maxLength: 5 }) });
    let understood = 0;
    fc.assert(
      fc.property(said, ({ words, reason, cuts }) => {
        const whole = ledger({ next: 'A', say: words }).replaceAll('because', reason);
        const text = cuts.reduce((mangled, { at, piece }) => {
          const index = Math.floor(at * mangled.length);
          return mangled.slice(0, index) + piece + mangled.slice(index + piece.length);
        }, whole);
        const result = read(text);
        if ('problem' in result) return true;
        understood += 1;
        const { nextSpeaker, instructionOrQuestion } = result;
        return text.includes(nextSpeaker.reason) && text.includes(instructionOrQuestion.answer);
      }),
      { numRuns: 10_000 },
    );
    expect(understood).toBeGreaterThan(1000);
  });

  it('takes time in proportion to a text of a megabyte', () => {
    expect(jsonObjectsIn('{'.repeat(1_000_000))).toEqual([]);
    expect(jsonObjectsIn(`${'{"a":'.repeat(200_000)}1`)).toEqual([]);
    expect(read(`${' "'.repeat(500_000)}${valid}`)).toMatchObject({ nextSpeaker: { answer: 'A' } });
  }, 60_000);
});

describe('renderPrompt', () => {
  it('fills slots once, and leaves everything else as it is', () => {
    expect(renderPrompt('{a} {b} {c} {"x": {a}}', { a: '{b} $& $1', b: 'two' })).toBe(
      '{b} $& $1 two {c} {"x": {b} $& $1}',
    );
  });

  it('puts no value where a template only looks like an object’s own', () => {
    expect(renderPrompt('{constructor} {toString}', {})).toBe('{constructor} {toString}');
  });
});
