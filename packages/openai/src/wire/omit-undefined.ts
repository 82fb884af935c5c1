/** The fields of an object that have a value; what JSON would leave out is left out before it is sent. */
export function omitUndefined<TFields extends object>(
  fields: TFields,
): { [TKey in keyof TFields]?: Exclude<TFields[TKey], undefined> } {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
  // The compiler types `fromEntries` by value only; keys and values are those of `fields`, less the undefined ones.
  return Object.fromEntries(kept) as {
    [TKey in keyof TFields]?: Exclude<TFields[TKey], undefined>;
  };
}
