import { type ValidationIssue } from '../../errors/validation-errors.ts';
import { findRepeatedMatchers } from '../handler.ts';
import { describeMatcher } from '../matcher.ts';
import { type WorkflowGraphParts } from '../workflow-graph.ts';

/** Every executor handles something, and nothing twice. */
export function checkHandlers({ executors }: WorkflowGraphParts): ValidationIssue[] {
  return [...executors.values()].flatMap(({ id, handlers }) => {
    if (handlers.length === 0) {
      return [
        {
          code: 'no-handlers',
          message: `Executor "${id}" handles nothing. Add .on(type, handler), or list on(…) in its handlers.`,
        },
      ];
    }
    return findRepeatedMatchers(handlers).map((matcher) => ({
      code: 'repeated-matcher',
      message: `Executor "${id}" handles ${describeMatcher(matcher)} twice; the second handler would never run. Merge the two.`,
    }));
  });
}
