import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { createThenable } from '../../test/deferred.ts';
import { guardSchema } from '../schema/guard-schema.ts';
import { defineEvent } from '../events/custom-event.ts';
import { defineMessage } from './message-type.ts';
import { compileMatcher, describeMatcher, type Matcher, mayFit, NO_MATCH } from './matcher.ts';

const Draft = defineMessage('draft', z.object({ text: z.string() }));
const Review = defineMessage('review');

describe('compileMatcher', () => {
  it.each<[string, Matcher, unknown, unknown]>([
    ['String takes a string', String, '', ''],
    ['String takes no String object', String, Object('s'), NO_MATCH],
    ['Number takes NaN', Number, Number.NaN, Number.NaN],
    ['Number takes no numeral', Number, '1', NO_MATCH],
    ['Boolean takes false', Boolean, false, false],
    ['Boolean takes no null', Boolean, null, NO_MATCH],
    ['a message type goes by its tag', Draft, { type: 'draft' }, { type: 'draft' }],
    ['a message type takes no other tag', Draft, { type: 'review' }, NO_MATCH],
    ['a message type takes no list', Draft, [Draft({ text: '' })], NO_MATCH],
    ['a message type takes no null', Draft, null, NO_MATCH],
    ['a schema gives the value it makes', z.string().transform(Number), '7', 7],
    ['a schema takes null where it allows it', z.null(), null, null],
    ['a schema takes nothing else', z.string(), 7, NO_MATCH],
  ])('%s', (_, matcher, message, matched) => {
    expect(compileMatcher(matcher)(message)).toBe(
      typeof matched === 'object' && matched !== null ? message : matched,
    );
  });

  it('refuses an asynchronous schema when a message comes', () => {
    const match = compileMatcher(z.string().refine(async () => true));

    expect(() => match('text')).toThrow(/asynchronous|Encountered Promise/);
  });

  it('refuses a schema that answers with a thenable', () => {
    const schema = guardSchema('text', (value): value is string => typeof value === 'string');
    const validate = () => createThenable({ value: 1 });
    const lazy = { '~standard': { ...schema['~standard'], validate } };

    expect(() => compileMatcher(lazy as never)('text')).toThrow(
      expect.objectContaining({ code: 'schema/async' }),
    );
  });

  it('refuses an event type', () => {
    expect(() => compileMatcher(defineEvent('progress') as never)).toThrow(
      expect.objectContaining({ code: 'executor/invalid-matcher' }),
    );
  });
});

describe('describeMatcher', () => {
  it.each<[Matcher, string]>([
    [String, 'string'],
    [Number, 'number'],
    [Boolean, 'boolean'],
    [Draft, 'draft'],
    [z.string(), 'zod schema'],
  ])('names a matcher for people (%#)', (matcher, name) => {
    expect(describeMatcher(matcher)).toBe(name);
  });
});

describe('mayFit', () => {
  it.each<[string, Matcher, Matcher, boolean]>([
    ['the same constructor', String, String, true],
    ['another constructor', String, Number, false],
    ['the same name', Draft, defineMessage('draft'), true],
    ['another name', Draft, Review, false],
    ['a message type and a constructor', Draft, String, false],
    ['a schema and anything', z.string(), Number, true],
    ['anything and a schema', Draft, z.string(), true],
  ])('tells for %s', (_, sent, taken, fits) => {
    expect(mayFit(sent, taken)).toBe(fits);
  });
});
