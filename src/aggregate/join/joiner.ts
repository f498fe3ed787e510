/**
 * Joins the events of sockets to connections, in bounded memory. Two sockets belong to one connection if they have the
 * same flow; if one of them has none, if they are in one network namespace and have each other's endpoints.
 */
import type {ConnectionEvent} from '../../model/event.js';
import {DEFAULT_CONNECTIONS} from '../../model/limits.js';
import {type JoinedConnection, ofOne} from './connection.js';
import {createDoneFlows, type DoneFlows} from './done-flows.js';
import {
  areMirrored,
  connectionsOf,
  createPendingSet,
  endpointsKey,
  isComplete,
  type Member,
  type Pending,
  type PendingSet,
  removePending,
} from './pending.js';
import {addEvent, createSide, flowOf, identityOf, type MutableSide, type Side} from './side.js';

/** Limit of connections in memory; the oldest is emitted to make space. */
const MAX_PENDING = DEFAULT_CONNECTIONS;

/** Limit of emitted connections that are remembered. */
const MAX_DONE = 2 ** 16;

/** Checks, per window, for connections that have waited long enough. */
const EXPIRIES_PER_WINDOW = 100;

export interface JoinerOptions {
  readonly emit: (connection: JoinedConnection) => void;
  /** How long a closed socket waits for the events of its peer, in microseconds. */
  readonly windowUs: number;
  /** Called once for each pair of sockets, as soon as both are known. */
  readonly onPair?: (a: Side, b: Side) => void;
  /** Limit of connections in memory. @default 262,144 */
  readonly maxPending?: number;
}

/** Numbers of connections that were emitted. */
export interface JoinCounts {
  /** With both sockets. */
  pairs: number;
  /** With one socket. */
  singles: number;
  fails: number;
  /** Sockets that are not joined, because more than two have their flow. */
  ambiguous: number;
  /** Sockets whose peer was emitted before, because the window was over. */
  late: number;
  /** Connections that were emitted early, to bound memory. */
  evicted: number;
}

export interface Joiner {
  /** @param nowUs time of the event, in microseconds, by a clock that all hosts share */
  readonly add: (event: ConnectionEvent, host: string | undefined, nowUs: number) => void;
  /** Emits the connections that are open, or wait for the events of a peer. */
  readonly finish: () => void;
  /** Returns the connections that are not emitted yet. */
  readonly pending: () => readonly JoinedConnection[];
  readonly counts: Readonly<JoinCounts>;
}

interface State extends Required<Omit<JoinerOptions, 'onPair'>>, Pick<JoinerOptions, 'onPair'> {
  readonly set: PendingSet;
  /** Connections that wait for the events of a peer, with the time until which they do. */
  readonly waiting: Map<Pending, number>;
  nextExpiryUs: number;
  readonly done: DoneFlows;
  readonly counts: JoinCounts;
}

function emitConnection({emit, counts}: State, connection: JoinedConnection): void {
  if (connection.opener === undefined || connection.acceptor === undefined) counts.singles += 1;
  else counts.pairs += 1;
  emit(connection);
}

function release(state: State, pending: Pending): void {
  const {set, waiting, done, counts} = state;
  removePending(set, pending);
  waiting.delete(pending);
  if (pending.sides.length > 2) counts.ambiguous += pending.sides.length;
  for (const connection of connectionsOf(pending)) emitConnection(state, connection);
  const identities = pending.sides.map(({identity}) => identity);
  for (const flow of pending.flows) done.add(flow, identities);
}

/**
 * Emits the connections whose time to wait for a peer is over. Looks at them rarely, because finding the oldest key of a
 * Map takes long after many deletions.
 */
function expire(state: State, nowUs: number): void {
  if (nowUs < state.nextExpiryUs) return;
  state.nextExpiryUs = nowUs + state.windowUs / EXPIRIES_PER_WINDOW;
  for (const [pending, dueUs] of state.waiting) {
    if (dueUs > nowUs) return;
    state.waiting.delete(pending);
    if (pending.sides.every(({isClosed}) => isClosed)) release(state, pending);
  }
}

/** Makes space by emitting the oldest connections, several at once for the same reason. */
function evict(state: State): void {
  const {set, maxPending, counts} = state;
  if (set.all.size < maxPending) return;
  let left = Math.ceil(maxPending / 16);
  for (const oldest of set.all) {
    if (left-- <= 0) return;
    counts.evicted += 1;
    release(state, oldest);
  }
}

/** Returns the connection that waits for this socket as its second one. */
function findPeer(
  {set}: State,
  side: MutableSide,
  flow: string | undefined,
  key?: string,
): Pending | undefined {
  const sharing = flow === undefined ? undefined : set.byFlow.get(flow);
  if (sharing !== undefined || key === undefined) return sharing;
  const facing = set.byEndpoints.get(key);
  const [other] = facing?.sides ?? [];
  if (facing?.sides.length !== 1 || other === undefined || !areMirrored(side, other)) return undefined;
  // two different flows are two connections
  return flow === undefined || other.flow === undefined ? facing : undefined;
}

function link({set}: State, pending: Pending, flow: string | undefined, endpoints: string | undefined): void {
  if (flow !== undefined && !set.byFlow.has(flow)) {
    set.byFlow.set(flow, pending);
    pending.flows.push(flow);
  }
  if (endpoints === undefined) return;
  set.byEndpoints.set(endpoints, pending);
  pending.endpoints.push(endpoints);
}

/** Adds a socket to the connection of its peer, or else to a new one. */
function addSide(state: State, key: string, side: MutableSide): Member {
  const {set, onPair} = state;
  const endpoints = endpointsKey(side.first, side.host);
  const found = findPeer(state, side, side.flow, endpoints);
  const twin = found?.sides.find(({identity}) => identity === side.identity);
  if (found === undefined) evict(state);
  const pending: Pending = found ?? {sides: [], sockets: [], flows: [], endpoints: []};
  const member = {side: twin ?? side, pending};
  set.bySocket.set(key, member);
  pending.sockets.push(key);
  if (twin !== undefined) return member;
  pending.sides.push(side);
  set.all.add(pending);
  link(state, pending, side.flow, endpoints);
  const [first] = pending.sides;
  if (pending.sides.length === 2 && first !== undefined) onPair?.(first, side);
  return member;
}

/** Moves a socket whose flow has become known to the connection of its peer. */
function learnFlow(state: State, key: string, member: Member, flow: string): Member {
  const {side, pending} = member;
  side.flow = flow;
  const sharing = state.set.byFlow.get(flow);
  if (sharing === undefined || sharing === pending || pending.sides.length > 1) {
    link(state, pending, flow, undefined);
    return member;
  }
  removePending(state.set, pending);
  state.waiting.delete(pending);
  return addSide(state, key, side);
}

/** Returns true if the socket belongs to a connection that was emitted: its recording was given twice. */
function isRepeated({set, done, counts}: State, side: Side): boolean {
  const {flow} = side;
  if (flow === undefined || set.byFlow.has(flow)) return false;
  const identities = done.get(flow);
  if (identities?.includes(side.identity) === true) return true;
  if (identities?.length === 1) counts.late += 1;
  else if (identities !== undefined) counts.ambiguous += 1;
  return false;
}

function isBeginning({event}: ConnectionEvent): boolean {
  return event === 'connect' || event === 'accept' || event === 'open';
}

/** Returns the known socket of an event; undefined if the event begins another connection of the socket. */
function findMember(state: State, key: string, event: ConnectionEvent, nowUs: number): Member | undefined {
  const member = state.set.bySocket.get(key);
  if (member === undefined) return undefined;
  const {side, pending} = member;
  const flow = flowOf(event);
  const isOther = flow !== undefined && side.flow !== undefined && flow !== side.flow;
  const beginsAgain = isBeginning(event) && event.time !== side.first.time;
  if (!isOther && !beginsAgain) {
    return flow === undefined || side.flow !== undefined ? member : learnFlow(state, key, member, flow);
  }
  // its close was lost
  side.isClosed = true;
  state.set.bySocket.delete(key);
  settle(state, pending, nowUs);
  return undefined;
}

/** Emits a connection that is complete, and limits the time of one that is not, after one of its sockets was closed. */
function settle(state: State, pending: Pending, nowUs: number): void {
  if (isComplete(pending)) release(state, pending);
  else if (!state.waiting.has(pending)) state.waiting.set(pending, nowUs + state.windowUs);
}

function addTo(state: State, event: ConnectionEvent, host: string | undefined, nowUs: number): void {
  const identity = identityOf(event);
  const key = `${identity} ${String(host)}`;
  let member = findMember(state, key, event, nowUs);
  if (member === undefined) {
    const created = createSide(event, host, identity);
    if (isRepeated(state, created)) return;
    member = addSide(state, key, created);
  }
  const {side, pending} = member;
  addEvent(side, event);
  if (side.isClosed) settle(state, pending, nowUs);
}

export function createJoiner({onPair, maxPending = MAX_PENDING, ...options}: JoinerOptions): Joiner {
  const counts: JoinCounts = {pairs: 0, singles: 0, fails: 0, ambiguous: 0, late: 0, evicted: 0};
  const state: State = {
    ...options,
    ...(onPair && {onPair}),
    maxPending,
    set: createPendingSet(),
    waiting: new Map(),
    nextExpiryUs: 0,
    done: createDoneFlows(MAX_DONE),
    counts,
  };
  let latestUs = 0;
  return {
    add(event, host, nowUs) {
      latestUs = Math.max(latestUs, nowUs);
      if (state.waiting.size > 0) expire(state, latestUs);
      if (event.event === 'fail') {
        counts.fails += 1;
        options.emit(ofOne(createSide(event, host, identityOf(event))));
        return;
      }
      addTo(state, event, host, latestUs);
    },
    finish() {
      for (const pending of state.set.all) release(state, pending);
    },
    pending: () => [...state.set.all].flatMap(connectionsOf),
    counts,
  };
}
