/** Rows that are kept in memory: one for each name, as long as there is room. */

export const MAX_ROWS = 10_000;
export const OTHERS = 'others';

/** @returns the row of that name, made where it is new; where there is no room, that of all {@link OTHERS} */
export function rowOf<Row>(rows: Map<string, Row>, name: string, create: (name: string) => Row): Row {
  const key = rows.has(name) || rows.size < MAX_ROWS ? name : OTHERS;
  const found = rows.get(key);
  if (found !== undefined) return found;
  const row = create(key);
  rows.set(key, row);
  return row;
}
