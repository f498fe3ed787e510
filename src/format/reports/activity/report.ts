/** The report of a snapshot of `tcptrace top`. */
import {type Activity, latest, perSecond} from '../../../aggregate/activity-row.js';
import type {Grouping} from '../../../aggregate/activity.js';
import type {PeerFields, Source} from '../../../model/event.js';
import {formatJson} from '../../json.js';
import {NAME_FIELDS} from '../../../model/fields.js';
import {pick} from '../../../model/basics/pick.js';
import {canSortBy} from './sort.js';
import {type ActivityView, formatActivity} from './table.js';
import type {Report} from '../report.js';
import {describeSubject} from '../subject-fields.js';

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

const PEER_FIELDS = ['peer_pid', 'peer_comm', 'peer_inode', 'peer_netns'] as const;

const HAS_UID: readonly string[] = ['process', 'connection'];

function describe(row: Activity, source: Source): object {
  const {subject, first, withPeer} = row;
  const fails = canSortBy(source, 'fails') ? (row.last.fails ?? 0) : undefined;
  return {
    ...describeSubject(subject),
    ...(HAS_UID.includes(subject.kind) && {uid: first?.uid}),
    ...(withPeer && pick<PeerFields, keyof PeerFields>(withPeer, PEER_FIELDS)),
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

const SUBJECT_FIELDS: Readonly<Record<Grouping, readonly string[]>> = {
  process: ['pid', 'comm', 'uid'],
  program: ['comm'],
  connection: [
    ...['pid', 'comm', 'uid', 'direction', 'family', 'laddr', 'lport', 'raddr', 'rport'],
    ...['netns', 'inode', ...PEER_FIELDS],
  ],
  remote: ['family', 'raddr', 'rport'],
  lport: ['lport'],
  user: ['uid', 'user'],
  container: ['container', 'container_name', 'pod', 'pod_namespace'],
  pod: ['pod', 'pod_namespace'],
};

const FIGURE_FIELDS = [
  ...['opened', 'open', 'fails', 'tx_bytes', 'rx_bytes', 'tx_bytes_per_s', 'rx_bytes_per_s', 'retrans'],
  ...['retrans_per_s', 'rtt_us', 'history'],
];

function fieldsOf(grouping: Grouping, hasNames: boolean): readonly string[] {
  const names = hasNames ? NAME_FIELDS : [];
  const fields = [...SUBJECT_FIELDS[grouping], 'others', ...names, ...FIGURE_FIELDS];
  return [...new Set(['time', 'interval_s', 'by', 'lost', ...fields])];
}

/** @param view of the table @param title of the table @param hasNames names are looked up */
export function reportActivity(
  snapshot: Snapshot,
  view: ActivityView,
  title: string,
  hasNames: boolean,
): Report {
  const {lost, source, rows, seconds, grouping} = snapshot;
  const common = {...describeSnapshot(snapshot), ...(lost > 0 && {lost})};
  return {
    formatTable: (options) => [
      `${title}\n`,
      ...formatActivity(rows, view, seconds * 1000, options).map((line) => `${line}\n`),
      '\n',
    ],
    formatJson: () => [
      `${formatJson({...describeSnapshot(snapshot), lost, rows: rows.map((row) => describe(row, source))})}\n`,
    ],
    records: rows.map((row) => ({...common, ...describe(row, source)})),
    fields: fieldsOf(grouping, hasNames),
  };
}
