/** Fits the columns of a table to the width of a terminal. */

export interface FitColumn {
  /** Order in which a narrow terminal drops columns, lowest first; an undefined one stays. */
  readonly rank?: number | undefined;
  /** Width to which cells may be cut; undefined: they are never cut. */
  readonly least?: number | undefined;
}

/** A column before the fit. */
export interface Measured<C extends FitColumn> {
  readonly column: C;
  /** Width of its widest cell. */
  readonly width: number;
  /** All rows, and there are several, have the same cell. */
  readonly isUniform: boolean;
}

export interface Fitted<C extends FitColumn> {
  readonly column: C;
  readonly width: number;
}

const leastOf = ({column, width}: Measured<FitColumn>): number => Math.min(width, column.least ?? width);

function sum(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width, 0);
}

/** Returns the column to drop next: one that says the same in every row, or else that of the lowest rank. */
function findDispensable<C extends FitColumn>(columns: readonly Measured<C>[]): Measured<C> | undefined {
  const ranked = columns
    .filter(({column}) => column.rank !== undefined)
    .sort((a, b) => (a.column.rank ?? 0) - (b.column.rank ?? 0));
  return ranked.find(({isUniform}) => isUniform) ?? ranked[0];
}

/** Returns widths of which the widest are cut, until their sum is at most `room` or all have their least width. */
function cutWidths(columns: readonly Measured<FitColumn>[], room: number): readonly number[] {
  const widths = columns.map(({width}) => width);
  for (let excess = sum(widths) - room; excess > 0; excess--) {
    const cuttable = columns.map((column, index) =>
      (widths[index] ?? 0) > leastOf(column) ? (widths[index] ?? 0) : 0,
    );
    const widest = Math.max(...cuttable);
    if (widest === 0) break;
    widths[cuttable.indexOf(widest)] = widest - 1;
  }
  return widths;
}

/**
 * Drops columns until the others fit, then cuts the widest.
 *
 * @param width columns of the terminal
 * @param separator width of the space between two columns
 */
export function fitColumns<C extends FitColumn>(
  columns: readonly Measured<C>[],
  width: number,
  separator: number,
): readonly Fitted<C>[] {
  let kept = columns;
  const roomOf = (count: number): number => width - separator * (count - 1);
  while (sum(kept.map(leastOf)) > roomOf(kept.length)) {
    const dropped = findDispensable(kept);
    if (dropped === undefined) break;
    kept = kept.filter((column) => column !== dropped);
  }
  const widths = cutWidths(kept, roomOf(kept.length));
  return kept.map(({column}, index) => ({column, width: widths[index] ?? 0}));
}
