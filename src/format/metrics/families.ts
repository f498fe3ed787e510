/** Metrics of connections, by the naming conventions of Prometheus. A new one is an entry of the table below. */
import type {Buckets, Series} from '../../aggregate/metrics/series.js';
import type {Source} from '../../model/event.js';

type Labels = Readonly<Record<string, string | number>>;

export interface Sample {
  /** By default, the name of the family. */
  readonly metricName?: string;
  readonly labels: Labels;
  readonly value: number;
}

/** Samples of one name. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: () => readonly Sample[];
}

interface SeriesFamily extends Omit<Family, 'samples'> {
  /** Scans of /proc have the numbers, too. */
  readonly fromScans: boolean;
  /** @param labels of all samples */
  readonly read: (series: Readonly<Series>, labels: Labels) => readonly Sample[];
}

/** Omits the samples of what did not happen, which need not be stored. */
function readNumber(number: (series: Readonly<Series>) => number): SeriesFamily['read'] {
  return (series, labels) => {
    const value = number(series);
    return value === 0 ? [] : [{labels, value}];
  };
}

function readCounts(name: string, counts: (series: Readonly<Series>) => ReadonlyMap<string, number>) {
  return (series: Readonly<Series>, labels: Labels): readonly Sample[] =>
    [...counts(series)].map(([key, value]) => ({labels: {...labels, [name]: key}, value}));
}

const US_PER_S = 1e6;

/** Formats microseconds as a histogram of seconds. */
function readBuckets(name: string, buckets: (series: Readonly<Series>) => Buckets): SeriesFamily['read'] {
  return (series, labels) => {
    const {bounds, counts, sum} = buckets(series);
    let count = 0;
    const samples = counts.map((counted, index) => {
      const bound = bounds[index];
      count += counted;
      const le = bound === undefined ? '+Inf' : bound / US_PER_S;
      return {metricName: `${name}_bucket`, labels: {...labels, le}, value: count};
    });
    if (count === 0) return [];
    return [
      ...samples,
      {metricName: `${name}_sum`, labels, value: sum / US_PER_S},
      {metricName: `${name}_count`, labels, value: count},
    ];
  };
}

function histogram(
  name: string,
  help: string,
  fromScans: boolean,
  buckets: (series: Readonly<Series>) => Buckets,
): SeriesFamily {
  return {name, help, type: 'histogram', fromScans, read: readBuckets(name, buckets)};
}

const FAMILIES: readonly SeriesFamily[] = [
  {
    name: 'tcptrace_connections_total',
    help: 'Connections established: opened by connect() (direction "out") or returned by accept() ("in").',
    type: 'counter',
    fromScans: true,
    read: readNumber(({established}) => established),
  },
  {
    name: 'tcptrace_connection_failures_total',
    help: 'Calls of connect() that did not establish a connection, by error.',
    type: 'counter',
    fromScans: false,
    read: readCounts('error', ({failed}) => failed),
  },
  {
    name: 'tcptrace_connections_closed_total',
    help: 'Established connections that ended, by the side or cause that ended them.',
    type: 'counter',
    fromScans: true,
    read: readCounts('ended_by', ({closed}) => closed),
  },
  {
    name: 'tcptrace_open_connections',
    help: 'Established connections whose socket is open, with those that were open before the trace.',
    type: 'gauge',
    fromScans: true,
    read: (series, labels) => [{labels, value: series.open}],
  },
  {
    name: 'tcptrace_transmit_bytes_total',
    help: 'Payload that applications handed to TCP during the trace.',
    type: 'counter',
    fromScans: false,
    read: readNumber(({txBytes}) => txBytes),
  },
  {
    name: 'tcptrace_receive_bytes_total',
    help: 'Payload received in order during the trace.',
    type: 'counter',
    fromScans: false,
    read: readNumber(({rxBytes}) => rxBytes),
  },
  {
    name: 'tcptrace_retransmits_total',
    help: 'Segments retransmitted by this host during the trace.',
    type: 'counter',
    fromScans: false,
    read: readNumber(({retrans}) => retrans),
  },
  {
    name: 'tcptrace_syn_retransmits_total',
    help: 'SYN and SYN-ACK segments retransmitted by this host.',
    type: 'counter',
    fromScans: false,
    read: readNumber(({synRetrans}) => synRetrans),
  },
  histogram(
    'tcptrace_connect_latency_seconds',
    'Time from the call of connect() until the connection was established.',
    false,
    ({latency}) => latency,
  ),
  histogram(
    'tcptrace_accept_delay_seconds',
    'Time that an established connection waited in the backlog for accept().',
    false,
    ({acceptDelay}) => acceptDelay,
  ),
  histogram(
    'tcptrace_connection_duration_seconds',
    'Time from connect() or accept() to close of the connections that ended.',
    true,
    ({duration}) => duration,
  ),
];

/**
 * Returns the metrics of connections.
 *
 * @param names of the labels of each series
 */
export function createFamilies(
  names: readonly string[],
  allSeries: () => Iterable<Readonly<Series>>,
  source: Source,
): readonly Family[] {
  const toLabels = ({labels}: Readonly<Series>): Labels =>
    Object.fromEntries(names.map((name, index) => [name, labels[index] ?? '']));
  return FAMILIES.filter(({fromScans}) => fromScans || source !== 'proc').map(({name, help, type, read}) => ({
    name,
    help,
    type,
    samples: () => Array.from(allSeries(), (series) => read(series, toLabels(series))).flat(),
  }));
}
