/** One socket of a connection, as its events describe it. */
import type {ConnectionEvent, Direction, EndedBy, Totals} from '../../model/event.js';
import {parseTimeUs} from '../../model/units/time.js';
import {asOwner} from '../subject.js';

export interface Side {
  /** Name of the host, or of its recording. Untrusted text. */
  readonly host: string | undefined;
  /** Key of the socket on its host. */
  readonly identity: string;
  /** The first event: process that opened or accepted the connection, endpoints, names. */
  readonly first: ConnectionEvent;
  readonly flow: string | undefined;
  readonly direction: Direction;
  /** Time of the last event. */
  readonly lastTime: string;
  /** Totals of the last event that has any. */
  readonly totals: Totals | undefined;
  readonly isClosed: boolean;
  /** Since the connection was opened or accepted, in microseconds; undefined if it preexisted or is open. */
  readonly durationUs: number | undefined;
  readonly endedBy: EndedBy | undefined;
}

export type MutableSide = {-readonly [Key in keyof Side]: Side[Key]};

/** Returns a key of the socket and its remote endpoint, because disconnect and connect() leave the socket. */
export function identityOf({netns, inode, lport, raddr, rport}: ConnectionEvent): string {
  return `${String(netns)} ${String(inode)} ${String(lport)} ${raddr} ${String(rport)}`;
}

function directionOf(event: ConnectionEvent): Direction {
  return event.event === 'fail' ? 'out' : event.direction;
}

export function flowOf(event: ConnectionEvent): string | undefined {
  return event.event === 'fail' ? undefined : event.flow;
}

/** The names of a close are those of the process that closed. */
const NO_NAMES = {
  user: undefined,
  args: undefined,
  cgroup: undefined,
  container: undefined,
  container_path: undefined,
  container_name: undefined,
  pod: undefined,
  pod_namespace: undefined,
} as const;

function describeOwner(event: ConnectionEvent): ConnectionEvent {
  const isByOther = event.event === 'close' && event.owner_pid !== undefined;
  return isByOther ? {...asOwner(event), ...NO_NAMES} : event;
}

export function createSide(event: ConnectionEvent, host: string | undefined, identity: string): MutableSide {
  return {
    host,
    identity,
    first: describeOwner(event),
    flow: flowOf(event),
    direction: directionOf(event),
    lastTime: event.time,
    totals: undefined,
    isClosed: event.event === 'fail',
    durationUs: undefined,
    endedBy: undefined,
  };
}

function totalsOf({tx_bytes, rx_bytes, rtt_us, retrans}: Totals): Totals {
  return {tx_bytes, rx_bytes, rtt_us, retrans};
}

/** Adds a later event, or the first one, to its socket. */
export function addEvent(side: MutableSide, event: ConnectionEvent): void {
  side.lastTime = event.time;
  if (event.event === 'update' || event.event === 'close') side.totals = totalsOf(event);
  if (side.direction === 'unknown') side.direction = directionOf(event);
  if (event.event !== 'close') return;
  side.isClosed = true;
  side.durationUs = event.duration_us;
  side.endedBy = event.ended_by;
}

/** Returns when the connection was established, in microseconds by the clock of the host; undefined if unknown. */
export function establishedUs({first}: Side): number | undefined {
  if (first.event === 'connect') return parseTimeUs(first.time);
  if (first.event !== 'accept' || first.accept_delay_us === undefined) return undefined;
  return parseTimeUs(first.time) - first.accept_delay_us;
}
