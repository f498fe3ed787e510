/** Rows in bounded memory: one for each key, and one for all others once the limit is reached. */

export const MAX_ROWS = 10_000;
export const OTHERS = 'others';

/** Returns the row of a key, creating it if it is new; at the limit, the row of {@link OTHERS}. */
export function rowOf<Row>(rows: Map<string, Row>, name: string, create: (key: string) => Row): Row {
  const key = rows.has(name) || rows.size < MAX_ROWS ? name : OTHERS;
  const found = rows.get(key);
  if (found !== undefined) return found;
  const row = create(key);
  rows.set(key, row);
  return row;
}
