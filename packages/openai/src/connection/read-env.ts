/** An environment variable, trimmed; `undefined` where it is empty, or where there is no environment to read. */
export function readEnv(name: string): string | undefined {
  try {
    const environment = propertyOf(propertyOf(globalThis, 'process'), 'env');
    const value = propertyOf(environment, name);
    return typeof value === 'string' ? value.trim() || undefined : undefined;
  } catch {
    // A runtime that forbids reading its environment has none for us.
    return undefined;
  }
}

function propertyOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
