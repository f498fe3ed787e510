/** Formats metrics as text for Prometheus, with prom-client. */
import {collectDefaultMetrics, type Metric, Registry} from 'prom-client';
import type {Family} from './families.js';

export const CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** The event loop is not measured, so no timer need run for it. */
const RARELY_MS = 3_600_000;

/** Adds the metrics of this process that every client library has, such as process_cpu_seconds_total. */
function addProcess(registry: Registry): void {
  const all = new Registry();
  collectDefaultMetrics({register: all, eventLoopMonitoringPrecision: RARELY_MS});
  for (const {name} of all.getMetricsAsArray()) {
    const metric = name.startsWith('process_') ? all.getSingleMetric(name) : undefined;
    if (metric !== undefined) registry.registerMetric(metric);
  }
}

/** The registry calls nothing else. Its own counters and histograms would look up their labels for each event. */
function toMetric({name, help, type, samples}: Family): Metric {
  const get = () => Promise.resolve({name, help, type, values: samples()});
  return {name, get} as unknown as Metric;
}

/**
 * Creates a function that formats the current values.
 *
 * @param ofProcess also metrics of this process
 */
export function createExposition(families: readonly Family[], ofProcess: boolean): () => Promise<string> {
  const registry = new Registry();
  for (const family of families) registry.registerMetric(toMetric(family));
  if (ofProcess) addProcess(registry);
  return () => registry.metrics();
}
