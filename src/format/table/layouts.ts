/** The columns of the table of events by the width of the terminal. */
import {type ColumnName, DEFAULT_COLUMNS} from './columns.js';

export interface Layout {
  readonly columns: readonly ColumnName[];
  /** Times have milliseconds instead of microseconds. */
  readonly hasBriefTime: boolean;
}

const UNLIMITED: Layout = {columns: DEFAULT_COLUMNS, hasBriefTime: false};

/** Layouts, the widest first, and the least width of a terminal for each. From 100 columns on, all of a usual event fits. */
const LAYOUTS = (
  [
    [170, ['time', 'event', 'process', 'uid', 'local', 'arrow', 'other', 'netns', 'inode', 'detail']],
    [150, ['time', 'event', 'process', 'uid', 'local', 'arrow', 'other', 'inode', 'detail']],
    [125, ['time', 'event', 'process', 'local', 'arrow', 'other', 'detail']],
    [100, ['time', 'event', 'process', 'arrow', 'other', 'detail']],
    [75, ['time', 'event', 'process', 'arrow', 'remote', 'outcome']],
    [60, ['event', 'process', 'arrow', 'remote', 'outcome']],
    [50, ['event', 'pid', 'arrow', 'remote', 'outcome']],
    [0, ['event', 'pid', 'arrow', 'remote']],
  ] as const satisfies readonly (readonly [number, readonly ColumnName[]])[]
).map(([least, columns]) => {
  const hasBriefTime = least < 150;
  const full: Layout = {columns, hasBriefTime};
  const withoutNetns: Layout = {columns: full.columns.filter((name) => name !== 'netns'), hasBriefTime};
  return {least, full, withoutNetns};
});

/**
 * Returns the columns that fit in `width` columns of the terminal.
 *
 * @param isInSeveral rows are of several network namespaces; otherwise their column would repeat one number
 */
export function layoutFor(width: number | undefined, isInSeveral: boolean): Layout {
  const found = width === undefined ? undefined : LAYOUTS.find(({least}) => width >= least);
  if (found === undefined) return UNLIMITED;
  return isInSeveral ? found.full : found.withoutNetns;
}
