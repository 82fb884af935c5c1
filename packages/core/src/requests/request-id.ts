import { hashText } from '../primitives/hash.ts';

const MADE_UP = /^req_([0-9a-z]+)_[0-9a-z]+$/;

/**
 * The id of a request that its executor did not name: the same whenever its superstep is run again.
 *
 * @param scope - The conversation and branch, or, in a sub-workflow, the parent's step.
 * @param origin - Which request within the scope.
 */
export function createRequestId(scope: string, origin: string): string {
  return `req_${hashText(scope)}_${hashText(origin)}`;
}

/** Whether an id was made up, here or in another conversation, branch or sub-workflow. */
export function isMadeUp(id: string): boolean {
  return MADE_UP.test(id);
}
