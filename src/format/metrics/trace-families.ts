/** Metrics of the trace itself. */
import type {Source} from '../../model/event.js';
import type {Family} from './families.js';

/** Numbers of a trace, read at each request. */
export interface TraceNumbers {
  readonly lost: () => number;
  readonly seriesCount: () => number;
  readonly seriesLimit: number;
  readonly folded: () => number;
  /** Absent for scans of /proc. */
  readonly kernel?: () => {readonly mapFull: number; readonly missed: number};
}

export interface TraceIdentity {
  readonly version: string;
  readonly source: Source;
}

function simple(
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  read: () => number,
  labels = {},
): Family {
  return {name, help, type, samples: () => [{labels, value: read()}]};
}

function createKernelFamilies(
  lost: () => number,
  numbers: NonNullable<TraceNumbers['kernel']>,
): readonly Family[] {
  return [
    simple('counter', 'tcptrace_lost_events_total', 'Events that were dropped, or could not be known.', lost),
    simple(
      'counter',
      'tcptrace_untracked_connections_total',
      'Connections that did not fit in the map of connections (--max-connections).',
      () => numbers().mapFull,
    ),
    simple(
      'counter',
      'tcptrace_skipped_runs_total',
      'Runs of the probes that the kernel skipped; some events may be missing.',
      () => numbers().missed,
    ),
  ];
}

export function createTraceFamilies(
  {lost, seriesCount, seriesLimit, folded, kernel}: TraceNumbers,
  {version, source}: TraceIdentity,
): readonly Family[] {
  return [
    simple(
      'gauge',
      'tcptrace_build_info',
      'Version of tcptrace and of Node.js, and the probe that it uses.',
      () => 1,
      {version, nodejs_version: process.version, probe: source},
    ),
    ...(kernel === undefined ? [] : createKernelFamilies(lost, kernel)),
    simple('gauge', 'tcptrace_label_sets', 'Combinations of label values that are counted.', seriesCount),
    simple('gauge', 'tcptrace_label_sets_limit', 'Most of them (--max-series).', () => seriesLimit),
    simple(
      'counter',
      'tcptrace_other_connections_total',
      'Connections counted as "other", because their combination exceeded the limit.',
      folded,
    ),
  ];
}
