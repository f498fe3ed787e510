/** The map: which processes, containers, hosts and so on connect to which, in bounded memory. */
import type {JoinedConnection} from '../join/connection.js';
import type {Side} from '../join/side.js';
import {MAX_ROWS} from '../rows.js';
import {addConnection, copyEdge, createEdge, type EdgeSums, finishEdge, type MapEdge} from './edge.js';
import {
  type MapGrouping,
  nodeOf,
  type NodeSubject,
  OTHER_NODES,
  type Place,
  type Remote,
  remoteNode,
} from './node.js';
import {createTimeline, extendTo, type Timeline} from './timeline.js';

export interface MapNode extends NodeSubject {
  /** Endpoints that its processes listen on, such as `0.0.0.0:80`. */
  readonly listening: readonly string[];
}

export interface ConnectionMap {
  readonly grouping: MapGrouping;
  /** Edges refer to nodes by index. */
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
  /** Undefined if it was not requested, or there are no connections. */
  readonly timeline: Readonly<Timeline> | undefined;
}

export interface MapOptions {
  readonly grouping: MapGrouping;
  /** Returns the network that stands for an address; undefined keeps addresses apart. */
  readonly networkOf?: ((address: string) => string) | undefined;
  /** Keep for each edge when it had connections, and its latest ones. */
  readonly hasHistory?: boolean;
}

/** Additions to the map of a trace that goes on. */
export interface Snapshot {
  /** Connections that will be added later, as they are now. */
  readonly pending: readonly JoinedConnection[];
  /** The timeline goes on until then. */
  readonly nowUs: number;
}

export interface MapBuilder {
  /** Adds a connection that has ended, failed, or is open at the end. */
  readonly add: (connection: JoinedConnection) => void;
  /** Adds a listener. @param endpoint such as `0.0.0.0:80` */
  readonly listen: (place: Place, endpoint: string) => void;
  readonly build: (snapshot?: Snapshot) => ConnectionMap;
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

interface Edges {
  readonly edgeOf: (from: number, to: number) => EdgeSums;
  readonly all: () => ReadonlyMap<string, EdgeSums>;
}

/**
 * Keeps edges by their nodes; those beyond the limit share one.
 *
 * @param base edges to begin with, which are copied when they change
 */
function createEdges(
  others: () => number,
  timeline: Timeline | undefined,
  base: ReadonlyMap<string, EdgeSums> = new Map(),
): Edges {
  const edges = new Map<string, EdgeSums>();

  function edgeOf(from: number, to: number): EdgeSums {
    const key = `${String(from)} ${String(to)}`;
    const known = edges.get(key);
    if (known !== undefined) return known;
    const former = base.get(key);
    if (former === undefined && base.size + edges.size >= MAX_ROWS) {
      const last = others();
      if (from !== last || to !== last) return edgeOf(last, last);
    }
    const edge = former === undefined ? createEdge(from, to, timeline) : copyEdge(former);
    edges.set(key, edge);
    return edge;
  }

  return {edgeOf, all: () => (base.size === 0 ? edges : new Map([...base, ...edges]))};
}

export function createMap({grouping, networkOf, hasHistory = false}: MapOptions): MapBuilder {
  const nodes = createNodes();
  const timeline = hasHistory ? createTimeline() : undefined;
  const others = (): number => nodes.indexOf(OTHER_NODES);
  const edges = createEdges(others, timeline);

  function nodeOfSide(side: Side | undefined, peer: Side | undefined): NodeSubject {
    if (side !== undefined) return nodeOf(grouping, placeOf(side));
    return peer === undefined ? OTHER_NODES : remoteNode(remoteOf(peer), networkOf);
  }

  function addTo({edgeOf}: Edges, connection: JoinedConnection): void {
    const {opener, acceptor} = connection;
    const from = nodes.indexOf(nodeOfSide(opener, acceptor));
    const to = nodes.indexOf(nodeOfSide(acceptor, opener));
    addConnection(edgeOf(from, to), connection, timeline);
  }

  function snapshotOf({pending, nowUs}: Snapshot): Edges {
    const current = createEdges(others, timeline, edges.all());
    for (const connection of pending) addTo(current, connection);
    if (timeline !== undefined && timeline.firstUs !== Infinity) extendTo(timeline, nowUs);
    return current;
  }

  return {
    add(connection) {
      addTo(edges, connection);
    },
    listen(place, endpoint) {
      nodes.listen(nodes.indexOf(nodeOf(grouping, place)), endpoint);
    },
    build(snapshot) {
      const {all} = snapshot === undefined ? edges : snapshotOf(snapshot);
      const finished = Array.from(all().values(), (edge) => finishEdge(edge, timeline));
      const isEmpty = timeline?.firstUs === Infinity;
      return {grouping, nodes: nodes.all(), edges: finished, timeline: isEmpty ? undefined : timeline};
    },
  };
}
