/** Formats a comparison as tables, or as JSON. */
import type {Agreement, Delay, Miss, Report, SourceReport} from '../../compare/report.js';
import {escapeText} from '../../terminal/escape.js';
import type {Paint} from '../../terminal/paint.js';
import {formatFrame} from './frame.js';
import {formatComm, formatEndpoint, orUnknown, UNKNOWN} from '../cells.js';
import {formatJson} from '../json.js';

function percent(part: number, whole: number): string {
  return whole === 0 ? UNKNOWN : `${((100 * part) / whole).toFixed(2)} %`;
}

function milliseconds(us: number | undefined): string {
  return us === undefined ? UNKNOWN : (us / 1000).toFixed(us < 10_000 ? 2 : 0);
}

function agreement({wrong, missing}: Agreement): string {
  return `${String(wrong)} / ${String(missing)}`;
}

function seenTable({sources, total, intervalUs}: Report, paint: Paint): string {
  const ifScanned = (text: string): string[] => (intervalUs === undefined ? [] : [text]);
  const titles = ['SOURCE', 'SEEN', 'MISSED', 'OF ALL', 'LOST', ...ifScanned('SHORT')];
  const rows = sources.map(({name, seen, missed, missedShort, lost, pid, netns}) => [
    escapeText(name),
    String(seen),
    String(missed),
    percent(missed, total),
    orUnknown(lost),
    ...ifScanned(String(missedShort)),
    agreement(pid),
    agreement(netns),
  ]);
  return formatFrame([...titles, 'PID WRONG / MISSING', 'NETNS WRONG / MISSING'], paint, rows);
}

function costTable({sources}: Report, paint: Paint): string {
  const rows = sources.map(({name, delay, cost}) => [
    escapeText(name),
    milliseconds(delay?.medianUs),
    milliseconds(delay?.p95Us),
    milliseconds(delay?.maxUs),
    cost === undefined ? UNKNOWN : cost.cpuMs.toFixed(0),
    cost === undefined ? UNKNOWN : (cost.peakRssBytes / 2 ** 20).toFixed(1),
  ]);
  return formatFrame(['SOURCE', 'DELAY ms', 'p95', 'MAX', 'CPU ms', 'PEAK MB'], paint, rows);
}

function pairTable({pairs}: Report, paint: Paint): string {
  const rows = pairs.map(({names, both, only}) => [
    escapeText(names.join(' and ')),
    String(both),
    ...only.map(String),
  ]);
  return formatFrame(['SOURCES', 'BOTH', 'FIRST ONLY', 'SECOND ONLY'], paint, rows);
}

function missLine({life, beganUs, endedUs, by}: Miss): string {
  const family = life.raddr.includes(':') ? 6 : 4;
  return [
    new Date(beganUs / 1000).toISOString(),
    `${milliseconds(endedUs - beganUs)}ms`,
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
export function formatComparison(report: Report, misses: boolean, paint: Paint): string {
  const {window, total, apart, intervalUs, sources} = report;
  const seconds = ((window.endUs - window.startUs) / 1e6).toFixed(1);
  const short =
    intervalUs === undefined ? '' : `; SHORT lived less than the interval, ${milliseconds(intervalUs)} ms`;
  return [
    `${String(total)} ${total === 1 ? 'connection' : 'connections'} began and ended within ${seconds} s, counted at each endpoint${short}\n`,
    seenTable(report, paint),
    pairTable(report, paint),
    costTable(report, paint),
    `apart: ${String(apart.beganBefore)} began before, ${String(apart.endedAfter)} had not ended\n`,
    ...(sources.some(({name}) => name === 'conntrack') ? [CONNTRACK_NOTE] : []),
    ...(misses ? report.misses.map((miss) => `${missLine(miss)}\n`) : []),
  ].join('');
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

/** Formats a comparison as one JSON document. */
export function formatComparisonJson(report: Report, misses: boolean): string {
  const {window, intervalUs, total, apart, sources, pairs} = report;
  const fields = {
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
  return `${formatJson(fields, 2)}\n`;
}
