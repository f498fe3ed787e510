/** Formats values as cells of tables. */
import type {ConnectionSubject, Subject} from '../../aggregate/subject.js';
import type {Direction, Names} from '../../model/event.js';
import {isLinkLocal} from '../../model/zone.js';
import {escapeText} from '../../terminal/escape.js';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export const UNKNOWN = '-';

export function orUnknown(value: number | undefined): string {
  return value === undefined ? UNKNOWN : String(value);
}

/** Formats the name of a process, which is untrusted text. */
export function formatComm(comm: string | undefined): string {
  return comm === undefined || comm === '' ? UNKNOWN : escapeText(comm);
}

/** Adds the zone to a link-local address: `fe80::1%eth0`. @param zone untrusted text */
function withZone(address: string, zone: string | undefined): string {
  return zone !== undefined && isLinkLocal(address) ? `${address}%${escapeText(zone)}` : address;
}

/**
 * Formats an endpoint, such as `[::1]:80` or `[fe80::1%eth0]:80`; `*` stands for an unknown part.
 *
 * @param zone interface of link-local addresses
 */
export function formatEndpoint(
  family: 4 | 6,
  address: string | undefined,
  port: number | undefined,
  zone?: string,
): string {
  if (address === undefined && port === undefined) return UNKNOWN;
  const host = address === undefined ? '*' : family === 6 ? `[${withZone(address, zone)}]` : address;
  return `${host}:${port === undefined ? '*' : String(port)}`;
}

const ARROWS: Readonly<Record<Direction, string>> = {out: '>', in: '<', unknown: '-'};

/** Formats a connection, such as `4711 curl :50412 > 192.0.2.1:443`; the arrow points to the server. */
function formatConnection(subject: ConnectionSubject, pidWidth: number): string {
  const {pid, comm, family, lport, raddr, rport, direction} = subject;
  const process = `${orUnknown(pid).padStart(pidWidth)} ${formatComm(comm)}`;
  return `${process} :${orUnknown(lport)} ${ARROWS[direction]} ${formatEndpoint(family, raddr, rport)}`;
}

/** Number of characters of a container ID that tools such as docker(1) show. */
const SHORT_ID = 12;

/** Returns the name of the container, or the beginning of its ID. */
export function nameContainer({container, container_name}: Names): string | undefined {
  return container_name ?? container?.slice(0, SHORT_ID);
}

/** Returns `namespace/pod`, or the pod alone if its namespace is unknown. */
export function namePod({pod, pod_namespace}: Names): string | undefined {
  return pod_namespace === undefined || pod === undefined ? pod : `${pod_namespace}/${pod}`;
}

/** Returns `namespace/pod/container`, or the parts of it that are known. */
export function placeContainer(names: Names): string | undefined {
  const [pod, container] = [namePod(names), nameContainer(names)];
  return pod === undefined || container === undefined ? container : `${pod}/${container}`;
}

/**
 * Formats the name of a row: `4711 curl`, `192.0.2.1:443`, or `192.0.2.1` for connections that it opened.
 *
 * @param pidWidth pads the pid on the left
 */
export function formatSubject(subject: Subject, pidWidth = 0): string {
  switch (subject.kind) {
    case 'process':
      return `${orUnknown(subject.pid).padStart(pidWidth)} ${formatComm(subject.comm)}`;
    case 'remote': {
      const {family, address, port, zone} = subject;
      return port === undefined ? withZone(address, zone) : formatEndpoint(family, address, port, zone);
    }
    case 'program':
      return formatComm(subject.comm);
    case 'connection':
      return formatConnection(subject, pidWidth);
    case 'container':
      return escapeText(placeContainer(subject) ?? UNKNOWN);
    case 'lport':
      return subject.port === undefined ? 'outgoing' : String(subject.port);
    case 'user':
      return escapeText(subject.user ?? orUnknown(subject.uid));
    case 'pod':
      return escapeText(namePod(subject) ?? UNKNOWN);
    case 'others':
      return 'others';
  }
}
