/** Formats the two sides of a connection: the process, and the remote endpoint. */
import type {ConnectionEvent, Direction, FailEvent, PeerFields} from '../model/event.js';
import {escapeText} from '../terminal/escape.js';
import {formatComm, formatEndpoint, UNKNOWN} from './table/cells.js';

function nameProcess(comm: string | undefined, pid: number | undefined): string {
  if (pid === undefined && comm === undefined) return UNKNOWN;
  return pid === undefined ? formatComm(comm) : `${formatComm(comm)}[${String(pid)}]`;
}

/** An event or a socket; an event of a failed connect() has no peer. */
type PeerSubject = PeerFields | FailEvent;

/** Returns the process at the remote endpoint as `nginx[16513]`; undefined if it is unknown. */
export function formatPeer(subject: PeerSubject): string | undefined {
  if (!('peer_pid' in subject)) return undefined;
  const {peer_pid: pid, peer_comm: comm} = subject;
  return pid === undefined ? undefined : nameProcess(comm, pid);
}

/** Returns the process that opened or accepted the connection, as `curl[27090]`. */
export function formatOpener(event: ConnectionEvent): string {
  if (event.event === 'close' && event.owner_pid !== undefined)
    return nameProcess(event.owner_comm, event.owner_pid);
  return nameProcess(event.comm, event.pid);
}

/** Returns the process that the event is about, as `curl[27090]`. */
export function formatProcess({comm, pid}: ConnectionEvent): string {
  return nameProcess(comm, pid);
}

const ARROWS: Readonly<Record<Direction, string>> = {out: '->', in: '<-', unknown: '--'};

/** Returns an arrow from the side that connected to the side that accepted. */
export function formatArrow(event: ConnectionEvent): string {
  return ARROWS[event.event === 'fail' ? 'out' : event.direction];
}

/** Returns the remote endpoint, with its process and the name of its host if they are known. */
export function formatOther(event: ConnectionEvent): string {
  const {family, raddr, rport, zone, raddr_name: host} = event;
  const endpoint = formatEndpoint(family, raddr, rport, zone);
  const name = host === undefined ? [] : [`(${escapeText(host)})`];
  return [formatPeer(event) ?? [], endpoint, name].flat().join(' ');
}
