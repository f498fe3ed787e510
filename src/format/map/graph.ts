/** Groups the nodes of a map by host, for all pictures. */
import type {ConnectionMap} from '../../aggregate/map/map.js';
import {escapeText} from '../../terminal/escape.js';
import {haveSeveralHosts, hostOfNode, labelOf} from './names.js';

export interface GraphNode {
  /** Identifier that every language of pictures accepts. */
  readonly id: string;
  readonly label: string;
  /** `own` is a recorded process or group of processes, `idle` one without connections. */
  readonly kind: 'own' | 'idle' | 'remote';
}

export interface GraphGroup {
  /** Undefined for nodes outside of hosts. */
  readonly title: string | undefined;
  readonly nodes: readonly GraphNode[];
}

export function idOf(index: number): string {
  return `n${String(index)}`;
}

export const REMOTE_KINDS: readonly string[] = ['address', 'network', 'name', 'others'];

/** Returns the nodes by host, if there are several hosts, or else in one group. */
export function groupNodes({nodes, edges}: ConnectionMap): readonly GraphGroup[] {
  const withHosts = haveSeveralHosts(nodes);
  const used = new Set(edges.flatMap(({from, to}) => [from, to]));
  const groups = new Map<string | undefined, GraphNode[]>();
  for (const [index, node] of nodes.entries()) {
    const host = withHosts ? hostOfNode(node) : undefined;
    const kind = REMOTE_KINDS.includes(node.kind) ? 'remote' : used.has(index) ? 'own' : 'idle';
    const label = [labelOf(node), ...node.listening].map((line) => escapeText(line)).join('\n');
    const group = groups.get(host) ?? [];
    groups.set(host, group);
    group.push({id: idOf(index), label, kind});
  }
  return Array.from(groups, ([host, all]) => ({
    title: host === undefined ? undefined : escapeText(host),
    nodes: all,
  }));
}
