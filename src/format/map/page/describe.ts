/** Converts a map to the data of the page. */
import {countFailures, type MapEdge} from '../../../aggregate/map/edge.js';
import type {Endpoint, RecentConnection} from '../../../aggregate/map/history.js';
import type {ConnectionMap, MapNode} from '../../../aggregate/map/map.js';
import {periodOf} from '../../../aggregate/map/timeline.js';
import {escapeText} from '../../../terminal/escape.js';
import {formatEndpoint, nameContainer, namePod} from '../../table/cells.js';
import {REMOTE_KINDS} from '../graph.js';
import {haveSeveralHosts, hostOfNode, nameNode} from '../names.js';
import type {PageConnection, PageEdge, PageGroups, PageNode, PageState, PageTimeline} from './state.js';

function escapeMaybe(text: string | undefined): string | undefined {
  return text === undefined ? undefined : escapeText(text);
}

/** Returns the groups that a node is in; it is not in the group that it stands for. */
function groupsOf(node: MapNode): PageGroups {
  const {kind} = node;
  const container = kind === 'container' ? undefined : nameContainer(node);
  const pod = kind === 'pod' ? undefined : namePod(node);
  return {pod: escapeMaybe(pod), container: escapeMaybe(container), host: escapeMaybe(hostOfNode(node))};
}

function describeNode(node: MapNode, id: number, withHost: boolean): PageNode {
  return {
    id,
    label: nameNode(node, withHost),
    kind: REMOTE_KINDS.includes(node.kind) ? 'remote' : 'own',
    groups: groupsOf(node),
    listening: node.listening.map(escapeText),
  };
}

function describeConnection(connection: RecentConnection): PageConnection {
  const {time, family, opener, acceptor, error, isOpen, durationUs, txBytes, rxBytes} = connection;
  const format = ({address, port}: Endpoint): string => formatEndpoint(family, address, port);
  return {
    time,
    from: format(opener),
    to: format(acceptor),
    outcome: error ?? (isOpen ? 'open' : 'closed'),
    durationUs,
    txBytes,
    rxBytes,
  };
}

function describeEdge(edge: MapEdge): PageEdge {
  const {from, to, ports, connections, open, txBytes, rxBytes, latency, rtt, first, last, history} = edge;
  return {
    id: `${String(from)}-${String(to)}`,
    from,
    to,
    ports,
    connections,
    open,
    fails: countFailures(edge),
    failures: Object.fromEntries(edge.failures),
    txBytes,
    rxBytes,
    latencyUs: latency,
    rttUs: rtt,
    first,
    last,
    runs: history?.runs ?? [],
    openSince: history?.openSince,
    recent: (history?.recent ?? []).toReversed().map(describeConnection),
  };
}

function describeTimeline({timeline}: ConnectionMap): PageTimeline | undefined {
  if (timeline === undefined) return undefined;
  const {periodUs, firstUs, lastUs} = timeline;
  return {periodUs, first: periodOf(timeline, firstUs), last: periodOf(timeline, lastUs)};
}

/** Leaves out nodes without an edge that do not listen. @param lost number of lost events */
export function describePage(map: ConnectionMap, lost: number): PageState {
  const {nodes, edges, grouping} = map;
  const withHost = haveSeveralHosts(nodes);
  const used = new Set(edges.flatMap(({from, to}) => [from, to]));
  const shown = nodes.flatMap((node, id) =>
    used.has(id) || node.listening.length > 0 ? [describeNode(node, id, withHost)] : [],
  );
  return {
    by: grouping,
    lost,
    timeline: describeTimeline(map),
    nodes: shown,
    edges: edges.map(describeEdge),
  };
}
