import { describe, expect, it } from 'vitest';

import { HumanGate } from './human-gate.ts';

describe('what a human says of a turn', () => {
  it.each([
    [{ action: 'approve' }],
    [{ action: 'feedback', text: 'Shorter.' }],
    [{ action: 'replace', text: 'Yes.' }],
  ])('may be %j', (answer) => {
    expect(HumanGate.response['~standard'].validate(answer)).toEqual({ value: answer });
  });

  it.each([
    ['approve'],
    [null],
    [{}],
    [{ action: 'approve', text: 'Yes.' }],
    [{ action: 'approve', because: 'why not' }],
    [{ action: 'feedback' }],
    [{ action: 'feedback', text: '' }],
    [{ action: 'replace', text: 1 }],
    [{ action: 'reject', text: 'No.' }],
  ])('may not be %j', (answer) => {
    expect(HumanGate.response['~standard'].validate(answer)).toHaveProperty('issues');
  });

  it.each([[{ participant: 'ann' }], [{ participant: 'ann', draft: 'Yes.' }]])(
    'is asked with %j',
    (request) => {
      expect(HumanGate.request['~standard'].validate(request)).toEqual({ value: request });
    },
  );

  it.each([['ann'], [{ draft: 'Yes.' }], [{ participant: 'ann', draft: 1 }]])(
    'is not asked with %j',
    (request) => {
      expect(HumanGate.request['~standard'].validate(request)).toEqual({
        issues: [{ message: 'expected { participant, draft? }' }],
      });
    },
  );
});
