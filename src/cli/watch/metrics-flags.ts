/** Flags of `tcptrace watch` for Prometheus. */
import path from 'node:path';
import {METRIC_LABELS, type MetricLabel} from '../../aggregate/metrics/labels.js';
import {usageError} from '../../model/errors.js';
import {parseDuration} from '../../model/units/duration.js';
import type {ListenAddress} from '../../output/listen.js';
import {listFlag, valueFlag, type Values} from '../flags/parse/define.js';
import {parseListenAddress} from '../flags/parse/listen-address.js';
import {suggest} from '../flags/parse/suggest.js';
import {invalidValue, parseCount, parseNewFile} from '../flags/parse/values.js';
import type {EventLookupOptions} from '../flags/lookups.js';

const DEFAULT_LABELS: readonly MetricLabel[] = ['comm'];
const DEFAULT_SERIES = 1000;
const DEFAULT_INTERVAL_MS = 15_000;

function parseLabel(text: string): MetricLabel {
  const label = METRIC_LABELS.find((known) => known === text);
  if (label !== undefined) return label;
  throw invalidValue(text, suggest(text, METRIC_LABELS, `use ${METRIC_LABELS.join(', ')}`));
}

export const metricsFlags = {
  metrics: valueFlag({
    group: 'output',
    value: '[ADDRESS:]PORT',
    help: 'serve metrics for Prometheus at this port, of 127.0.0.1 by default',
    manual:
      'serve metrics for Prometheus at http://ADDRESS:PORT/metrics, on 127.0.0.1 by default; 0 is any free port. Metrics count every kind of event, whatever --event prints',
    parse: parseListenAddress,
  }),
  'metrics-textfile': valueFlag({
    group: 'output',
    value: 'FILE',
    help: 'write metrics to FILE, for the textfile collector of node_exporter',
    parse: parseNewFile,
    completion: {kind: 'file'},
  }),
  'metrics-interval': valueFlag({
    group: 'output',
    value: 'TIME',
    help: 'with --metrics-textfile: time between writes; 15s by default',
    parse: parseDuration,
  }),
  'metrics-labels': listFlag({
    group: 'output',
    value: 'NAME',
    help: `labels of the metrics: ${METRIC_LABELS.join(', ')}; ${DEFAULT_LABELS.join()} by default`,
    parse: parseLabel,
    completion: {kind: 'list', words: METRIC_LABELS},
  }),
  'max-series': valueFlag({
    group: 'output',
    value: 'N',
    help: `most combinations of label values; further ones count as "other"; ${String(DEFAULT_SERIES)} by default`,
    parse: parseCount,
  }),
};

export interface MetricsOptions {
  /** Address to serve at; undefined serves nothing. */
  readonly address: ListenAddress | undefined;
  readonly textfile: string | undefined;
  /** Milliseconds between writes of the text file. */
  readonly intervalMs: number;
  readonly labels: readonly MetricLabel[];
  readonly maxSeries: number;
}

type MetricsFlags = Values<typeof metricsFlags> & {readonly output: string | undefined};

function refuseWithoutMetrics(flags: MetricsFlags): void {
  const given = {'metrics-labels': flags['metrics-labels'].length > 0, 'max-series': flags['max-series']};
  const useless = Object.entries(given).find(([, value]) => value !== undefined && value !== false)?.[0];
  if (useless !== undefined) throw usageError(`--${useless} applies to metrics`, 'add --metrics PORT');
}

/** @returns undefined without metrics @throws TcptraceError (usage) if a flag would have no effect */
export function readMetrics(flags: MetricsFlags): MetricsOptions | undefined {
  const {metrics: address, 'metrics-textfile': textfile, 'metrics-interval': intervalMs, output} = flags;
  if (intervalMs !== undefined && textfile === undefined)
    throw usageError('--metrics-interval needs a file', 'add --metrics-textfile FILE');
  if (address === undefined && textfile === undefined) {
    refuseWithoutMetrics(flags);
    return undefined;
  }
  if (textfile !== undefined && output !== undefined && path.resolve(textfile) === path.resolve(output))
    throw usageError('--metrics-textfile and --output name the same file', 'name another file');
  const labels = flags['metrics-labels'];
  return {
    address,
    textfile,
    intervalMs: intervalMs ?? DEFAULT_INTERVAL_MS,
    labels: labels.length > 0 ? labels : DEFAULT_LABELS,
    maxSeries: flags['max-series'] ?? DEFAULT_SERIES,
  };
}

const CONTAINER_LABELS: readonly MetricLabel[] = ['container', 'container_name', 'pod', 'pod_namespace'];
const NO_LOOKUPS = {users: false, hosts: false, containers: false, containerNames: false, args: false};

/** Adds the lookups that labels need; the output does not show their names. */
export function addMetricLookups(
  lookups: EventLookupOptions,
  metrics: MetricsOptions | undefined,
): EventLookupOptions {
  const labels = metrics?.labels ?? [];
  const users = labels.includes('user');
  const containers = labels.some((label) => CONTAINER_LABELS.includes(label));
  if (!users && !containers) return lookups;
  const names = lookups.names ?? NO_LOOKUPS;
  return {
    ...lookups,
    names: {...names, users: users || names.users, containers: containers || names.containers},
  };
}
