/** The map: which processes, containers, hosts and so on connect to which, in bounded memory. */
import type {JoinedConnection} from '../join/connection.js';
import type {Side} from '../join/side.js';
import {MAX_ROWS} from '../rows.js';
import {addConnection, createEdge, type EdgeSums, finishEdge, type MapEdge} from './edge.js';
import {
  type MapGrouping,
  nodeOf,
  type NodeSubject,
  OTHER_NODES,
  type Place,
  type Remote,
  remoteNode,
} from './node.js';

export interface MapNode extends NodeSubject {
  /** Endpoints that its processes listen on, such as `0.0.0.0:80`. */
  readonly listening: readonly string[];
}

export interface ConnectionMap {
  readonly grouping: MapGrouping;
  /** Edges refer to nodes by index. */
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
}

export interface MapOptions {
  readonly grouping: MapGrouping;
  /** Returns the network that stands for an address; undefined keeps addresses apart. */
  readonly networkOf?: ((address: string) => string) | undefined;
}

export interface MapBuilder {
  /** Adds a connection that has ended, failed, or is open at the end. */
  readonly add: (connection: JoinedConnection) => void;
  /** Adds a listener. @param endpoint such as `0.0.0.0:80` */
  readonly listen: (place: Place, endpoint: string) => void;
  readonly build: () => ConnectionMap;
}

function placeOf({host, first}: Side): Place {
  const {pid, comm, cgroup, container, container_name, pod, pod_namespace} = first;
  return {host, pid, comm, cgroup, container, container_name, pod, pod_namespace};
}

/** Returns the peer of a socket, as its event describes it. */
function remoteOf({host, first}: Side): Remote {
  return {address: first.raddr, name: first.raddr_name, seenBy: host};
}

interface Nodes {
  readonly indexOf: (subject: NodeSubject) => number;
  readonly listen: (index: number, endpoint: string) => void;
  readonly all: () => readonly MapNode[];
}

/** Numbers nodes; those beyond the limit share one. */
function createNodes(): Nodes {
  const indexes = new Map<string, number>();
  const nodes: (NodeSubject & {readonly listening: Set<string>})[] = [];

  function indexOf(subject: NodeSubject): number {
    const known = indexes.get(subject.key);
    if (known !== undefined) return known;
    if (nodes.length >= MAX_ROWS && subject !== OTHER_NODES) return indexOf(OTHER_NODES);
    indexes.set(subject.key, nodes.length);
    return nodes.push({...subject, listening: new Set()}) - 1;
  }

  return {
    indexOf,
    listen: (index, endpoint) => nodes[index]?.listening.add(endpoint),
    all: () => nodes.map(({listening, ...node}) => ({...node, listening: [...listening]})),
  };
}

export function createMap({grouping, networkOf}: MapOptions): MapBuilder {
  const nodes = createNodes();
  const edges = new Map<string, EdgeSums>();

  function nodeOfSide(side: Side | undefined, peer: Side | undefined): NodeSubject {
    if (side !== undefined) return nodeOf(grouping, placeOf(side));
    return peer === undefined ? OTHER_NODES : remoteNode(remoteOf(peer), networkOf);
  }

  function edgeOf(from: number, to: number): EdgeSums {
    const key = `${String(from)} ${String(to)}`;
    const known = edges.get(key);
    if (known !== undefined) return known;
    if (edges.size >= MAX_ROWS) {
      const others = nodes.indexOf(OTHER_NODES);
      if (from !== others || to !== others) return edgeOf(others, others);
    }
    const edge = createEdge(from, to);
    edges.set(key, edge);
    return edge;
  }

  return {
    add(connection) {
      const {opener, acceptor} = connection;
      const from = nodes.indexOf(nodeOfSide(opener, acceptor));
      const to = nodes.indexOf(nodeOfSide(acceptor, opener));
      addConnection(edgeOf(from, to), connection);
    },
    listen(place, endpoint) {
      nodes.listen(nodes.indexOf(nodeOf(grouping, place)), endpoint);
    },
    build: () => ({grouping, nodes: nodes.all(), edges: Array.from(edges.values(), finishEdge)}),
  };
}
