/** Formats activity as JSON. Unknown values are left out. */
import {type Activity, latest, perSecond} from '../../aggregate/activity-row.js';
import type {Grouping} from '../../aggregate/activity.js';
import type {Source} from '../../model/event.js';
import {formatJson} from '../json.js';
import {canSortBy} from './activity-sort.js';

/** A completed interval. */
export interface Snapshot {
  /** Its end, RFC 3339. */
  readonly time: string;
  readonly seconds: number;
  readonly grouping: Grouping;
  readonly source: Source;
  /** Events that were lost since the start. */
  readonly lost: number;
  readonly rows: readonly Activity[];
}

function round(value: number | undefined, digits = 0): number | undefined {
  return value === undefined ? undefined : Math.round(value * 10 ** digits) / 10 ** digits;
}

function describeSubject({subject, first}: Activity): object {
  switch (subject.kind) {
    case 'process':
      return {pid: subject.pid, comm: subject.comm, uid: first?.uid};
    case 'program':
      return {comm: subject.comm};
    case 'connection': {
      const {pid, comm, direction, family, laddr, lport, raddr, rport, netns, inode} = subject;
      return {pid, comm, uid: first?.uid, direction, family, laddr, lport, raddr, rport, netns, inode};
    }
    case 'remote':
      return {family: subject.family, raddr: subject.address, rport: subject.port};
    case 'container': {
      const {container, container_name, pod, pod_namespace} = subject;
      return {container, container_name, pod, pod_namespace};
    }
    case 'others':
      return {others: true};
  }
}

function describeBytes(row: Activity): object {
  return {
    tx_bytes: latest(row, 'txBytes'),
    rx_bytes: latest(row, 'rxBytes'),
    tx_bytes_per_s: round(perSecond(row, 'txBytes')),
    rx_bytes_per_s: round(perSecond(row, 'rxBytes')),
    retrans: latest(row, 'retrans'),
    retrans_per_s: round(perSecond(row, 'retrans'), 3),
    rtt_us: round(row.rttUs),
    history: row.rates.map((rate) => Math.round(rate)),
  };
}

function describe(row: Activity, source: Source): object {
  const fails = canSortBy(source, 'fails') ? (row.last.fails ?? 0) : undefined;
  return {
    ...describeSubject(row),
    ...row.names,
    opened: row.last.opened,
    open: row.open,
    fails,
    ...(canSortBy(source, 'rate') && describeBytes(row)),
  };
}

function describeSnapshot({time, seconds, grouping}: Snapshot): object {
  return {time, interval_s: round(seconds, 6), by: grouping};
}

/** Formats a snapshot as one document on one line. */
export function formatActivityJson(snapshot: Snapshot): string {
  const {lost, source} = snapshot;
  const rows = snapshot.rows.map((row) => describe(row, source));
  return `${formatJson({...describeSnapshot(snapshot), lost, rows})}\n`;
}

/** Formats a snapshot as a line for each row. */
export function formatActivityNdjson(snapshot: Snapshot): string {
  const {lost, source, rows} = snapshot;
  const common = {...describeSnapshot(snapshot), ...(lost > 0 && {lost})};
  return rows.map((row) => `${formatJson({...common, ...describe(row, source)})}\n`).join('');
}
