/** Finds the process at the other endpoint of each connection: both endpoints have the same flow. */
import type {ConnectionEvent, FailEvent, Peer} from '../../model/event.js';
import {DEFAULT_CONNECTIONS} from '../../model/limits.js';
import {isOwnPeer, peerFields} from './peer.js';

type Established = Exclude<ConnectionEvent, FailEvent>;

interface Endpoint {
  readonly peer: Peer;
  isClosed: boolean;
}

/** The endpoints of a connection on this host. */
interface Flow {
  readonly endpoints: Endpoint[];
  /** More than two sockets have this flow. */
  isAmbiguous: boolean;
}

/** Most flows at the same time; a further one replaces the oldest. */
const MAX_FLOWS = DEFAULT_CONNECTIONS;
/** Most flows whose only endpoint has closed: the other one may still wait in a backlog. */
const MAX_LEFT = 10_000;

function deleteOldest<T>(flows: Map<string, T>, most: number): void {
  if (flows.size <= most) return;
  const [oldest] = flows.keys();
  if (oldest !== undefined) flows.delete(oldest);
}

function endpointOf({pid, comm, uid, inode, netns, cgroup_id}: ConnectionEvent): Endpoint {
  return {peer: {pid, comm, uid, inode, netns, cgroup_id}, isClosed: false};
}

function isSame({peer}: Endpoint, {inode, netns}: ConnectionEvent): boolean {
  return peer.inode === inode && peer.netns === netns;
}

function findPeer({endpoints, isAmbiguous}: Flow, event: ConnectionEvent): Peer | undefined {
  if (isAmbiguous) return undefined;
  if (isOwnPeer(event)) return endpoints[0]?.peer;
  const others = endpoints.filter((endpoint) => !isSame(endpoint, event));
  return others.length === 1 ? others[0]?.peer : undefined;
}

function withPeer(event: Established, peer: Peer | undefined): ConnectionEvent {
  return peer === undefined ? event : {...event, peer, ...peerFields(peer)};
}

/**
 * Creates a function that adds the peer, as far as it is known, to each event. To be called with every event of every
 * process, in order. Bounded memory: a peer that was forgotten is absent.
 */
export function createPeers(): (event: ConnectionEvent) => ConnectionEvent {
  const flows = new Map<string, Flow>();
  const left = new Map<string, Flow>();

  function join(key: string, event: ConnectionEvent): Flow {
    const known = flows.get(key) ?? left.get(key);
    const flow = known ?? {endpoints: [], isAmbiguous: false};
    // another process may hold the same socket
    if (!flow.endpoints.some((endpoint) => isSame(endpoint, event))) flow.endpoints.push(endpointOf(event));
    if (flow.endpoints.length > 2) flow.isAmbiguous = true;
    left.delete(key);
    flows.set(key, flow);
    deleteOldest(flows, MAX_FLOWS);
    return flow;
  }

  function close(key: string, flow: Flow, event: ConnectionEvent): void {
    for (const endpoint of flow.endpoints) if (isSame(endpoint, event)) endpoint.isClosed = true;
    if (!flow.endpoints.every(({isClosed}) => isClosed)) return;
    flows.delete(key);
    left.delete(key);
    if (flow.endpoints.length > 1 || isOwnPeer(event)) return;
    left.set(key, flow);
    deleteOldest(left, MAX_LEFT);
  }

  return (event) => {
    if (event.event === 'fail' || event.flow === undefined) return event;
    const begins = event.event !== 'close' && event.event !== 'update';
    const flow = begins ? join(event.flow, event) : (flows.get(event.flow) ?? left.get(event.flow));
    if (flow === undefined) return event;
    const complete = withPeer(event, findPeer(flow, event));
    if (event.event === 'close') close(event.flow, flow, event);
    return complete;
  };
}
