import {
  TerminationCondition,
  type TerminationAnswer,
  type TerminationView,
} from './termination-condition.ts';

/** A condition as a function; may be asynchronous. */
export type TerminationPredicate = (view: TerminationView) => boolean | Promise<boolean>;

class Predicate extends TerminationCondition {
  readonly #holds: TerminationPredicate;

  constructor(holds: TerminationPredicate) {
    super();
    this.#holds = holds;
  }

  override async check(view: TerminationView): Promise<TerminationAnswer> {
    return (await this.#holds(view)) ? 'predicate' : undefined;
  }
}

/** Makes a condition of a function; a condition is returned as it is. */
export function toTerminationCondition(
  until: TerminationCondition | TerminationPredicate,
): TerminationCondition {
  return typeof until === 'function' ? new Predicate(until) : until;
}
