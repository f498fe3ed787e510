/** Connections that are not complete, found by socket, by flow and by endpoints. */
import type {ConnectionEvent} from '../../model/event.js';
import {canBePair, type JoinedConnection, ofOne, ofPair} from './connection.js';
import type {MutableSide, Side} from './side.js';

/** The sockets of one connection. */
export interface Pending {
  /** One or two; more if they are ambiguous. */
  readonly sides: MutableSide[];
  /** Its keys in {@link PendingSet}. */
  readonly sockets: string[];
  readonly flows: string[];
  readonly endpoints: string[];
}

/** A socket in the connection that it belongs to. */
export interface Member {
  readonly side: MutableSide;
  readonly pending: Pending;
}

export interface PendingSet {
  readonly all: Set<Pending>;
  readonly bySocket: Map<string, Member>;
  readonly byFlow: Map<string, Pending>;
  /** Found by the endpoints of each socket. */
  readonly byEndpoints: Map<string, Pending>;
}

export function createPendingSet(): PendingSet {
  return {all: new Set(), bySocket: new Map(), byFlow: new Map(), byEndpoints: new Map()};
}

/** Returns a key of both endpoints and their namespace, which is the same for both sockets. */
export function endpointsKey(
  {laddr, lport, raddr, rport, netns}: ConnectionEvent,
  host: string | undefined,
): string | undefined {
  if (laddr === undefined || lport === undefined || netns === undefined) return undefined;
  const [a, b] = [`${laddr} ${String(lport)}`, `${raddr} ${String(rport)}`];
  return `${String(netns)} ${a < b ? `${a} ${b}` : `${b} ${a}`} ${String(host)}`;
}

/** Returns true if the sockets have each other's endpoints. */
export function areMirrored({first: a}: Side, {first: b}: Side): boolean {
  return a.lport === b.rport && a.rport === b.lport && a.laddr === b.raddr && a.raddr === b.laddr;
}

function removeKeys(map: Map<string, Pending>, keys: readonly string[], pending: Pending): void {
  for (const key of keys) if (map.get(key) === pending) map.delete(key);
}

export function removePending(set: PendingSet, pending: Pending): void {
  set.all.delete(pending);
  for (const key of pending.sockets) if (set.bySocket.get(key)?.pending === pending) set.bySocket.delete(key);
  removeKeys(set.byFlow, pending.flows, pending);
  removeKeys(set.byEndpoints, pending.endpoints, pending);
}

/** Returns true if nothing is missing: both sockets are known and closed. */
export function isComplete({sides}: Pending): boolean {
  return sides.length === 2 && sides.every(({isClosed}) => isClosed);
}

/** Returns one connection if the sockets are a pair, else one for each. */
export function connectionsOf({sides}: Pending): readonly JoinedConnection[] {
  const [a, b] = sides;
  if (sides.length === 2 && a !== undefined && b !== undefined && canBePair(a, b)) return [ofPair(a, b)];
  return sides.map(ofOne);
}
