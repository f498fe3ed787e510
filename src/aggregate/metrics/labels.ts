/** Labels of metrics: fields of events that describe the opener of a connection and the ports that identify a service. */
import {type ConnectionEvent, isIncoming} from '../../model/event.js';

type Value = string | number | undefined;

function isOutgoing(event: ConnectionEvent): boolean {
  return event.event === 'fail' || event.direction === 'out';
}

/** Ports of the side that connected are ephemeral, so they are no labels. */
const READERS = {
  comm: ({comm}) => comm,
  uid: ({uid}) => uid,
  user: ({user}) => user,
  container: ({container}) => container,
  container_name: ({container_name}) => container_name,
  pod: ({pod}) => pod,
  pod_namespace: ({pod_namespace}) => pod_namespace,
  netns: ({netns}) => netns,
  family: ({family}) => family,
  laddr: ({laddr}) => laddr,
  lport: (event) => (isIncoming(event) ? event.lport : undefined),
  raddr: ({raddr}) => raddr,
  rport: (event) => (isOutgoing(event) ? event.rport : undefined),
} as const satisfies Readonly<Record<string, (event: ConnectionEvent) => Value>>;

export type MetricLabel = keyof typeof READERS;

export const METRIC_LABELS = Object.keys(READERS) as readonly MetricLabel[];

function directionOf(event: ConnectionEvent): string {
  return event.event === 'fail' ? 'out' : event.direction;
}

/** Returns the values of `direction` and of these labels; an unknown value is empty, as an absent label is to Prometheus. */
export function labelValues(labels: readonly MetricLabel[], event: ConnectionEvent): readonly string[] {
  return [directionOf(event), ...labels.map((label) => String(READERS[label](event) ?? ''))];
}
