import { jsonSchemaOf } from '@colloquy/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  decisionPrompt,
  parseDecision,
  repairPrompt,
  speakerDecisionSchema,
} from './speaker-decision.ts';

const JSON_A = '{"terminate":false,"reason":"a knows","next_speaker":"a","final_message":null}';
const SPEAKER_A = {
  terminate: false,
  reason: 'a knows',
  nextSpeaker: 'a',
  finalMessage: undefined,
};

const DECISION = { terminate: false, reason: 'a knows', next_speaker: 'a', final_message: null };

describe('speakerDecisionSchema', () => {
  it('describes itself as strict structured output wants it: every field required, no others', () => {
    const { properties, required, additionalProperties } = jsonSchemaOf(speakerDecisionSchema);

    expect({ required, additionalProperties }).toEqual({
      required: Object.keys(properties ?? {}),
      additionalProperties: false,
    });
  });

  it('takes a whole decision', () => {
    expect(speakerDecisionSchema['~standard'].validate(DECISION)).toEqual({ value: DECISION });
  });

  it.each([
    ['no object', 'a'],
    ['a boolean written as text', { ...DECISION, terminate: 'false' }],
    ['a missing reason', { ...DECISION, reason: undefined }],
    ['a missing speaker', { ...DECISION, next_speaker: undefined }],
    ['a last word that is no text', { ...DECISION, final_message: 1 }],
  ])('refuses %s', (_what, value) => {
    expect(speakerDecisionSchema['~standard'].validate(value)).toEqual({
      issues: [{ message: 'expected a decision' }],
    });
  });
});

describe('parseDecision', () => {
  it.each([
    ['plain JSON', JSON_A],
    ['the same object twice', `${JSON_A}${JSON_A}`],
    ['a fence', `\`\`\`json\n${JSON_A}\n\`\`\``],
    ['an unclosed fence', `\`\`\`json\n${JSON_A}`],
    ['prose around it', `I choose {a}: ${JSON_A} That's {final}.`],
    ['a byte order mark', `\uFEFF${JSON_A}`],
    ['extra keys', JSON_A.replace('{', '{"confidence":0.9,')],
    ['line breaks', JSON.stringify(JSON.parse(JSON_A), null, 2)],
  ])('reads %s', (_what, text) => {
    expect(parseDecision(undefined, text)).toEqual(SPEAKER_A);
  });

  it.each([
    ['"false"', false],
    ['"true"', true],
    ['"FALSE"', false],
    ['"no"', false],
    ['"yes"', true],
  ])('reads terminate %s', (written, terminate) => {
    const decision = parseDecision(undefined, `{"terminate":${written},"next_speaker":"a"}`);

    expect(decision).toEqual({
      terminate,
      reason: '',
      nextSpeaker: 'a',
      finalMessage: undefined,
    });
  });

  it('counts the last of several objects', () => {
    const last = '{"terminate":true,"final_message":"done"}';

    expect(parseDecision(undefined, `${JSON_A} or rather ${last}`)).toEqual({
      terminate: true,
      reason: '',
      nextSpeaker: undefined,
      finalMessage: 'done',
    });
  });

  it('passes over later objects that are no decisions', () => {
    expect(parseDecision(undefined, `${JSON_A} {"note":"bye"}`)).toEqual(SPEAKER_A);
  });

  it('reads braces and quotes inside strings as text', () => {
    const reason = 'use "{" and \\ and "}" {ok}';

    const decision = parseDecision(undefined, `So: ${JSON.stringify({ terminate: true, reason })}`);

    expect(decision).toMatchObject({ terminate: true, reason });
  });

  it('prefers the value that the model gave as structured output', () => {
    const value = { terminate: true, reason: 'r', next_speaker: null, final_message: 'bye' };

    expect(parseDecision(value, JSON_A)).toEqual({
      terminate: true,
      reason: 'r',
      nextSpeaker: undefined,
      finalMessage: 'bye',
    });
  });

  it.each([
    ['no JSON', 'a should speak', 'it is not a JSON object'],
    ['nothing', '', 'it is not a JSON object'],
    ['half an object', '{"terminate":false,', 'it is not a JSON object'],
    ['a missing terminate', '{"next_speaker":"a"}', 'terminate must be true or false'],
    ['a terminate that is no boolean', '{"terminate":"maybe"}', 'terminate must be true or false'],
    [
      'a speaker that is no name',
      '{"terminate":false,"next_speaker":1}',
      'next_speaker must be a text or null',
    ],
  ])('says what is wrong with %s', (_what, text, problem) => {
    expect(parseDecision(undefined, text)).toEqual({ problem: problem });
  });

  it('finds the decision in any text that holds no other object', () => {
    const noise = fc.string().filter((text) => !/[{}"]/.test(text));
    fc.assert(
      fc.property(noise, fc.string(), noise, (before, reason, after) => {
        const text = `${before}${JSON.stringify({ terminate: true, reason })}${after}`;

        expect(parseDecision(undefined, text)).toMatchObject({ terminate: true, reason });
      }),
    );
  });

  it('does not take for ever over a text of braces', () => {
    expect(parseDecision(undefined, '{'.repeat(100_000))).toEqual({
      problem: 'it is not a JSON object',
    });
  });

  it('survives ten thousand hostile texts, and makes nothing up', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[[',
      '"',
      "'",
      '\\',
      ',',
      ':',
      '//',
      '/*',
      '*/',
      '\n',
      'null',
      'True',
      '```',
      JSON_A,
      '"terminate":',
      'terminate: true',
      '"next_speaker"',
      '__proto__',
      '\u0000',
      '🎈',
    );
    const texts = fc.oneof(
      fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const decision = parseDecision(undefined, text);
        if ('problem' in decision) return decision.problem !== '';
        const { reason, nextSpeaker = '', finalMessage = '' } = decision;
        return [reason, nextSpeaker, finalMessage].every((said) => text.includes(said));
      }),
      { numRuns: 10_000 },
    );
  });

  it('takes time in proportion to a text of a megabyte', () => {
    const text = `${'{"a":'.repeat(100_000)}${'{'.repeat(500_000)}`;

    expect(parseDecision(undefined, text)).toEqual({ problem: 'it is not a JSON object' });
    expect(parseDecision(undefined, `${' "'.repeat(500_000)}${JSON_A}`)).toEqual(SPEAKER_A);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.anything(), (text, value) => {
        expect(parseDecision(value, `{${text}`)).toBeTypeOf('object');
      }),
    );
  });
});

describe('the prompts', () => {
  const participants = [
    { name: 'a', description: 'knows $& and {braces}' },
    { name: 'b', description: '' },
  ];
  const view = {
    round: 0,
    totalRounds: 0,
    participants,
    candidates: participants,
    conversation: [],
    lastSpeaker: undefined,
  };

  it('list the names with their descriptions as they are', () => {
    expect(decisionPrompt(view).split('\n').slice(-2)).toEqual([
      '- a: knows $& and {braces}',
      '- b',
    ]);
  });

  it('tell what was wrong and which names there are', () => {
    expect(repairPrompt('it is not JSON', view)).toBe(
      'Your last answer cannot be used: it is not JSON. Answer again with the JSON object alone; next_speaker must be one of: a, b; or set terminate to true.',
    );
  });
});
