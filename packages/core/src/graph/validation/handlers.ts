import { type ValidationIssue } from '../../errors/validation-errors.ts';
import { findRepeatedMatchers } from '../handler.ts';
import { describeMatcher } from '../matcher.ts';
import { findRepeatedResponses } from '../response-handler.ts';
import { type WorkflowGraphParts } from '../workflow-graph.ts';

/** Every executor handles something, and nothing twice. */
export function checkHandlers({ executors }: WorkflowGraphParts): ValidationIssue[] {
  return [...executors.values()].flatMap(({ id, handlers, responseHandlers }) => {
    if (handlers.length === 0) {
      return [
        {
          code: 'no-handlers',
          message: `Executor "${id}" handles nothing. Add .on(type, handler), or list on(…) in its handlers.`,
        },
      ];
    }
    const repeated = [
      ...findRepeatedMatchers(handlers).map(describeMatcher),
      ...findRepeatedResponses(responseHandlers).map((tag) => `answers to ${tag}`),
    ];
    return repeated.map((what) => ({
      code: 'repeated-matcher',
      message: `Executor "${id}" handles ${what} twice; the second handler would never run. Merge the two.`,
    }));
  });
}
