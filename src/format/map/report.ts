/** The report of `tcptrace map`: a row for each edge. */
import {countFailures, type MapEdge} from '../../aggregate/map/edge.js';
import type {ConnectionMap, MapNode} from '../../aggregate/map/map.js';
import {UNKNOWN} from '../table/cells.js';
import type {Notation} from '../notation.js';
import {formatDocument, type Report, type ReportOptions} from '../reports/report.js';
import {formatRows, selectColumns, type TextColumn} from '../reports/text-table.js';
import {createLocalTimeFormatter} from '../times.js';
import {haveSeveralHosts, labelOf, nameNode} from './names.js';

/** An edge, or a listener without one. */
interface Row {
  readonly from: string;
  readonly to: string;
  readonly ports: readonly (number | string)[];
  /** Undefined for a listener. */
  readonly edge: MapEdge | undefined;
}

type MapColumn = TextColumn<Row>;

const NAME_WIDTH = 12;
const PORTS_WIDTH = 6;

const text = (name: string, title: string, read: MapColumn['read'], more: object): MapColumn => ({
  name,
  title,
  align: 'left',
  read,
  isText: true,
  ...more,
});

const number = (
  name: string,
  title: string,
  rank: number | undefined,
  read: (edge: MapEdge) => number | undefined,
  unit?: keyof Notation,
): MapColumn => ({
  name,
  title,
  align: 'right',
  rank,
  read({edge}, notation) {
    const value = edge === undefined ? undefined : read(edge);
    if (value === undefined) return UNKNOWN;
    return unit === undefined ? String(value) : notation[unit](value);
  },
});

function formatFailures({edge}: Row): string {
  const failures = [...(edge?.failures ?? [])].map(([error, count]) => `${error}:${String(count)}`);
  return failures.length === 0 ? UNKNOWN : failures.join(' ');
}

const formatTime = createLocalTimeFormatter();

const time = (name: string, read: (edge: MapEdge) => string): MapColumn =>
  text(name, name.toUpperCase(), ({edge}) => (edge === undefined ? UNKNOWN : formatTime(read(edge))), {
    rank: 0,
  });

const MAIN: readonly MapColumn[] = [
  text('from', 'FROM', ({from}) => from, {least: NAME_WIDTH}),
  text('to', 'TO', ({to}) => to, {least: NAME_WIDTH}),
  text('ports', 'PORTS', ({ports}) => (ports.length === 0 ? UNKNOWN : ports.join(',')), {least: PORTS_WIDTH}),
  number('connections', 'CONNS', undefined, ({connections}) => connections),
  number('open', 'OPEN', 7, ({open}) => open),
  number('fails', 'FAILS', 8, countFailures),
  number('tx', 'TX', 6, ({txBytes}) => txBytes, 'bytes'),
  number('rx', 'RX', 5, ({rxBytes}) => rxBytes, 'bytes'),
  number('latency', 'LATENCY', 4, ({latency}) => latency?.median, 'microseconds'),
  number('latency-p95', 'LAT-P95', 2, ({latency}) => latency?.p95, 'microseconds'),
  number('rtt', 'RTT', 3, ({rtt}) => rtt?.median, 'microseconds'),
  number('rtt-p95', 'RTT-P95', 1, ({rtt}) => rtt?.p95, 'microseconds'),
];

const EXTRA: readonly MapColumn[] = [
  text('errors', 'ERRORS', formatFailures, {rank: 0}),
  time('first', ({first}) => first),
  time('last', ({last}) => last),
];

const ALL = [...MAIN, ...EXTRA];

export const MAP_COLUMN_NAMES: readonly string[] = ALL.map(({name}) => name);

/** Returns the edges, those with most connections first, then listeners without one. */
function rowsOf({nodes, edges}: ConnectionMap): readonly Row[] {
  const withHost = haveSeveralHosts(nodes);
  const name = (index: number): string => {
    const node = nodes[index];
    return node === undefined ? UNKNOWN : nameNode(node, withHost);
  };
  const used = new Set(edges.map(({to}) => to));
  const sorted = edges.toSorted(
    (a, b) => b.connections - a.connections || countFailures(b) - countFailures(a),
  );
  const idle = nodes.flatMap(({listening}, index) =>
    listening.length === 0 || used.has(index)
      ? []
      : [{from: UNKNOWN, to: name(index), ports: listening, edge: undefined}],
  );
  return [
    ...sorted.map((edge) => ({from: name(edge.from), to: name(edge.to), ports: edge.ports, edge})),
    ...idle,
  ];
}

function describeNode(node: MapNode, index: number): object {
  const {kind, name, host, pid, comm, container, container_name, pod, pod_namespace, listening} = node;
  const own = {
    kind,
    label: labelOf(node),
    name,
    host,
    pid,
    comm,
    container,
    container_name,
    pod,
    pod_namespace,
  };
  return {id: index, ...own, ...(listening.length > 0 && {listening})};
}

function describeEdge(edge: MapEdge): object {
  const {ports, connections, open, failures, txBytes, rxBytes, latency, rtt, first, last} = edge;
  return {
    ports,
    connections,
    open,
    failures: Object.fromEntries(failures),
    tx_bytes: txBytes,
    rx_bytes: rxBytes,
    latency_us: latency,
    rtt_us: rtt,
    first,
    last,
  };
}

/** Describes an edge, or a listener, for NDJSON and CSV. */
function describeRow({from, to, ports, edge}: Row): object {
  if (edge === undefined) return {to, listening: ports};
  const {failures, ...figures} = describeEdge(edge) as {readonly failures: object};
  return {from, to, ...figures, fails: countFailures(edge), failures};
}

const FIELDS = [
  ...['from', 'to', 'ports', 'connections', 'open', 'fails', 'tx_bytes', 'rx_bytes'],
  ...['latency_us_median', 'latency_us_p95', 'rtt_us_median', 'rtt_us_p95', 'first', 'last', 'listening'],
];

/** @param lost number of lost events */
export function reportMap(map: ConnectionMap, lost: number): Report {
  const rows = rowsOf(map);
  const columnsOf = ({columns, isWide}: ReportOptions): readonly MapColumn[] =>
    columns === undefined ? (isWide ? ALL : MAIN) : selectColumns(ALL, columns);
  return {
    formatTable: (options) => formatRows(columnsOf(options), rows, options),
    formatJson: () =>
      formatDocument({
        by: map.grouping,
        lost,
        nodes: map.nodes.map(describeNode),
        edges: map.edges.map((edge) => ({from: edge.from, to: edge.to, ...describeEdge(edge)})),
      }),
    records: rows.map(describeRow),
    fields: FIELDS,
  };
}

/** Formats the edge's main figures for a picture, such as `5432: 12 connections, 3 failed`. */
export function captionOf(edge: MapEdge): string {
  const {ports, connections} = edge;
  const shown = ports.slice(0, 3).join(', ') + (ports.length > 3 ? ', ...' : '');
  const fails = countFailures(edge);
  const counts = [
    ...(connections > 0
      ? [`${String(connections)} ${connections === 1 ? 'connection' : 'connections'}`]
      : []),
    ...(fails > 0 ? [`${String(fails)} failed`] : []),
  ];
  return `${shown}: ${counts.join(', ')}`;
}
