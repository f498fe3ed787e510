/** The report of `tcptrace compare`. */
import type {Agreement, Delay, Miss, Report, SourceReport} from '../../compare/report.js';
import {escapeText} from '../../terminal/escape.js';
import {formatFrame} from './frame.js';
import {formatComm, formatEndpoint, orUnknown, UNKNOWN} from '../table/cells.js';
import type {Notation} from '../notation.js';
import {formatDocument, type Report as FormattableReport, type ReportOptions} from './report.js';
import {selectColumns, type TextColumn} from './text-table.js';

function percent(part: number, whole: number): string {
  return whole === 0 ? UNKNOWN : `${((100 * part) / whole).toFixed(2)} %`;
}

function agreement({wrong, missing}: Agreement): string {
  return `${String(wrong)} / ${String(missing)}`;
}

type SourceColumn = TextColumn<SourceReport>;

function column<Row>(
  name: string,
  title: string,
  read: TextColumn<Row>['read'],
  rank?: number,
): TextColumn<Row> {
  return {name, title, align: 'right', rank, read};
}

/** A column of numbers that may be unknown. */
function figure(
  name: string,
  title: string,
  unit: keyof Notation,
  get: (source: SourceReport) => number | undefined,
  rank?: number,
): SourceColumn {
  const read: SourceColumn['read'] = (source, notation) => {
    const value = get(source);
    return value === undefined ? UNKNOWN : notation[unit](Math.round(value));
  };
  return column(name, title, read, rank);
}

const SOURCE: SourceColumn = {
  name: 'source',
  title: 'SOURCE',
  align: 'left',
  read: ({name}) => escapeText(name),
  isText: true,
  least: 10,
};

/** @param total number of connections @param hasInterval a source scans */
function seenColumns(total: number, hasInterval: boolean): readonly SourceColumn[] {
  const short = column<SourceReport>('short', 'SHORT', ({missedShort}) => String(missedShort), 2);
  return [
    SOURCE,
    column('seen', 'SEEN', ({seen}) => String(seen), 3),
    column('missed', 'MISSED', ({missed}) => String(missed)),
    column('of-all', 'OF ALL', ({missed}) => percent(missed, total), 4),
    column('lost', 'LOST', ({lost}) => orUnknown(lost), 5),
    ...(hasInterval ? [short] : []),
    column('pid', 'PID WRONG / MISSING', ({pid}) => agreement(pid), 1),
    column('netns', 'NETNS WRONG / MISSING', ({netns}) => agreement(netns), 0),
  ];
}

const COST_COLUMNS: readonly SourceColumn[] = [
  SOURCE,
  figure('delay', 'DELAY', 'microseconds', ({delay}) => delay?.medianUs),
  figure('p95', 'p95', 'microseconds', ({delay}) => delay?.p95Us, 1),
  figure('max', 'MAX', 'microseconds', ({delay}) => delay?.maxUs, 0),
  figure('cpu', 'CPU', 'microseconds', ({cost}) => cost && cost.cpuMs * 1000, 3),
  figure('memory', 'PEAK', 'bytes', ({cost}) => cost?.peakRssBytes, 2),
];

type Pair = Report['pairs'][number];

const PAIR_COLUMNS: readonly TextColumn<Pair>[] = [
  {
    name: 'sources',
    title: 'SOURCES',
    align: 'left',
    read: ({names}) => escapeText(names.join(' and ')),
    isText: true,
    least: 10,
  },
  column('both', 'BOTH', ({both}) => String(both)),
  column('first-only', 'FIRST ONLY', ({only}) => String(only[0]), 1),
  column('second-only', 'SECOND ONLY', ({only}) => String(only[1]), 0),
];

export const COMPARISON_COLUMN_NAMES = [
  ...new Set([...seenColumns(0, true), ...PAIR_COLUMNS, ...COST_COLUMNS].map(({name}) => name)),
];

/** Formats a table of the columns that are to be shown; of a table, the first column alone is not worth showing. */
function formatPart<Row>(
  columns: readonly TextColumn<Row>[],
  rows: readonly Row[],
  options: ReportOptions,
): readonly string[] {
  const [first, ...others] = columns;
  if (options.columns === undefined) return [formatFrame(columns, rows, options)];
  const shown = selectColumns(others, options.columns);
  return first === undefined || shown.length === 0 ? [] : [formatFrame([first, ...shown], rows, options)];
}

function missLine({life, beganUs, endedUs, by}: Miss, {microseconds}: Notation): string {
  const family = life.raddr.includes(':') ? 6 : 4;
  return [
    new Date(beganUs / 1000).toISOString(),
    microseconds(Math.round(endedUs - beganUs)),
    String(life.pid ?? UNKNOWN),
    formatComm(life.comm),
    formatEndpoint(family, life.laddr, life.lport),
    formatEndpoint(family, life.raddr, life.rport),
    `missed by ${escapeText(by.join(', '))}`,
  ].join(' ');
}

const CONNTRACK_NOTE =
  'conntrack knows neither pids nor namespaces; it sees flows of its own namespace only; LOST counts its messages\n';

/** @param misses lists each missed connection */
function formatTables(report: Report, misses: boolean, options: ReportOptions): readonly string[] {
  const {window, total, apart, intervalUs, sources, pairs} = report;
  const {notation} = options;
  const seconds = ((window.endUs - window.startUs) / 1e6).toFixed(1);
  const short =
    intervalUs === undefined
      ? ''
      : `; SHORT lived less than the interval, ${notation.microseconds(intervalUs)}`;
  return [
    `${String(total)} ${total === 1 ? 'connection' : 'connections'} began and ended within ${seconds} s, counted at each endpoint${short}\n`,
    ...formatPart(seenColumns(total, intervalUs !== undefined), sources, options),
    ...formatPart(PAIR_COLUMNS, pairs, options),
    ...formatPart(COST_COLUMNS, sources, options),
    `apart: ${String(apart.beganBefore)} began before, ${String(apart.endedAfter)} had not ended\n`,
    ...(sources.some(({name}) => name === 'conntrack') ? [CONNTRACK_NOTE] : []),
    ...(misses ? report.misses.map((miss) => `${missLine(miss, notation)}\n`) : []),
  ];
}

function delayFields(delay: Delay | undefined) {
  return delay && {median: delay.medianUs, p95: delay.p95Us, max: delay.maxUs};
}

function sourceFields(source: SourceReport, total: number, hasInterval: boolean) {
  return {
    name: source.name,
    seen: source.seen,
    missed: source.missed,
    missed_percent: total === 0 ? undefined : Number(((100 * source.missed) / total).toFixed(3)),
    lost: source.lost,
    missed_short: hasInterval ? source.missedShort : undefined,
    pid: source.pid,
    netns: source.netns,
    delay_us: delayFields(source.delay),
    cpu_ms: source.cost?.cpuMs,
    peak_rss_bytes: source.cost?.peakRssBytes,
  };
}

function missFields({life, beganUs, endedUs, by}: Miss) {
  const {pid, comm, laddr, lport, raddr, rport, netns, inode} = life;
  const time = new Date(beganUs / 1000).toISOString();
  return {
    time,
    duration_us: endedUs - beganUs,
    pid,
    comm,
    laddr,
    lport,
    raddr,
    rport,
    netns,
    inode,
    missed_by: by,
  };
}

/** Returns undefined for recordings without events, which have no window. */
function windowEnd(us: number): string | undefined {
  return us === 0 ? undefined : new Date(us / 1000).toISOString();
}

function toDocument(report: Report, misses: boolean): object {
  const {window, intervalUs, total, apart, sources, pairs} = report;
  return {
    start: windowEnd(window.startUs),
    end: windowEnd(window.endUs),
    interval_us: intervalUs,
    connections: total,
    apart: {began_before: apart.beganBefore, ended_after: apart.endedAfter},
    ways: sources.map((source) => sourceFields(source, total, intervalUs !== undefined)),
    pairs: pairs.map(({names, both, only}) => ({
      ways: names,
      both,
      only_first: only[0],
      only_second: only[1],
    })),
    misses: misses ? report.misses.map(missFields) : undefined,
  };
}

const FIELDS = [
  ...['start', 'end', 'connections', 'name', 'seen', 'missed', 'missed_percent', 'lost', 'missed_short'],
  ...['pid_wrong', 'pid_missing', 'netns_wrong', 'netns_missing', 'delay_us_median', 'delay_us_p95'],
  ...['delay_us_max', 'cpu_ms', 'peak_rss_bytes'],
];

/** @param misses lists each missed connection, in tables and JSON */
export function reportComparison(report: Report, misses: boolean): FormattableReport {
  const {window, total, intervalUs} = report;
  return {
    formatTable: (options) => formatTables(report, misses, options),
    formatJson: () => formatDocument(toDocument(report, misses)),
    records: report.sources.map((source) => ({
      start: windowEnd(window.startUs),
      end: windowEnd(window.endUs),
      connections: total,
      ...sourceFields(source, total, intervalUs !== undefined),
    })),
    fields: FIELDS,
  };
}
