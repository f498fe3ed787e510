/** Sort keys of activity, and their values. */
import {type Activity, perSecond} from '../../../aggregate/activity-row.js';
import {canFill} from '../../../model/fields.js';
import type {Source} from '../../../model/event.js';
import {canEmit} from '../../../model/schema/kinds.js';
import {formatSubject} from '../../table/cells.js';

export const SORT_KEYS = ['rate', 'new', 'open', 'total', 'fails', 'tx', 'rx', 'rtt', 'retrans'] as const;

export type SortKey = (typeof SORT_KEYS)[number];

export const VALUES: Readonly<Record<SortKey, (row: Activity) => number>> = {
  rate: (row) => (perSecond(row, 'txBytes') ?? 0) + (perSecond(row, 'rxBytes') ?? 0),
  new: ({history}) => history.at(-1) ?? 0,
  open: ({open}) => open,
  total: ({total}) => total,
  fails: ({fails}) => fails ?? 0,
  tx: ({txBytes}) => txBytes ?? 0,
  rx: ({rxBytes}) => rxBytes ?? 0,
  rtt: ({rttUs}) => rttUs ?? 0,
  retrans: (row) => perSecond(row, 'retrans') ?? 0,
};

/** Returns true if a source knows the values of a sort key. */
export function canSortBy(source: Source, key: SortKey): boolean {
  const known: Readonly<Partial<Record<SortKey, boolean>>> = {
    rate: canFill(source, 'tx_bytes'),
    fails: canEmit(source, 'fail'),
    tx: canFill(source, 'tx_bytes'),
    rx: canFill(source, 'rx_bytes'),
    rtt: canFill(source, 'rtt_us'),
    retrans: canFill(source, 'retrans'),
  };
  return known[key] ?? true;
}

/** Sort keys that scans of /proc cannot fill. */
export const UNSEEN_BY_PROC = SORT_KEYS.filter((key) => !canSortBy('proc', key));

/** Returns the key to sort by if the user gives none. */
export function defaultSort(source: Source): SortKey {
  return canSortBy(source, 'rate') ? 'rate' : 'new';
}

const PID_WIDTH = 7;

/** Formats the name of a row. Pids are aligned. */
export function nameOf({subject}: Activity): string {
  return formatSubject(subject, PID_WIDTH);
}

/** Sorts by a key, highest first, then by open connections, then by name, so that rows keep their places. */
export function sortActivity(rows: readonly Activity[], key: SortKey): Activity[] {
  const value = VALUES[key];
  const names = new Map(rows.map((row) => [row, nameOf(row)]));
  const isBefore = (a: Activity, b: Activity): boolean => (names.get(a) ?? '') < (names.get(b) ?? '');
  return [...rows].sort((a, b) => value(b) - value(a) || b.open - a.open || (isBefore(a, b) ? -1 : 1));
}
