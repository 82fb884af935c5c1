/** What cannot be had for another instance: it remembers something, and does not say how to make another. */
const NONE = Symbol('no fork');

/**
 * A function or condition of the caller's for an instance of its own: what its `fork()` gives, or, where it remembers
 * nothing and so has no `reset`, itself.
 */
function forkOf(original: unknown): unknown {
  // Callers without types may pass anything, which is refused where it is used.
  const isObject = typeof original === 'object' && original !== null;
  if (!isObject && typeof original !== 'function') return original;
  const fork: unknown = Reflect.get(original, 'fork');
  if (typeof fork !== 'function') return Reflect.has(original, 'reset') ? NONE : original;
  return Reflect.apply(fork, original, []) ?? NONE;
}

/** @param parts - What the caller gave, each a function or condition that may remember something. */
function forksOf<TParts extends object>(parts: TParts): TParts | undefined {
  const forks = Object.entries(parts).map(([name, part]) => [name, forkOf(part)] as const);
  if (forks.some(([, fork]) => fork === NONE)) return undefined;
  // A fork is of the kind of what it is made from.
  return Object.fromEntries(forks) as TParts;
}

/**
 * Makes something of such parts for every workflow instance; where one of them has no fork, the one thing that there can
 * be, so that the workflow cannot be forked.
 */
export function perInstance<TParts extends object, TMade>(
  parts: TParts,
  make: (parts: TParts) => TMade,
): TMade | (() => TMade) {
  return forksOf(parts) === undefined ? make(parts) : () => make(forksOf(parts) ?? parts);
}
