import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { defineEvent } from './custom-event.ts';
import { BUILT_IN_EVENT_TYPES } from './workflow-event.ts';

describe('defineEvent', () => {
  it('makes plain events that carry the name', () => {
    const Progress = defineEvent('progress', z.object({ percent: z.number() }));

    expect(Progress({ percent: 40 })).toEqual({ type: 'progress', percent: 40 });
  });

  it.each(['', ...BUILT_IN_EVENT_TYPES])('refuses the name "%s"', (name) => {
    expect(() => defineEvent(name)).toThrow(
      expect.objectContaining({ code: 'event/reserved-name' }),
    );
  });
});
