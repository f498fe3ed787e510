/** Names of nodes for people. */
import type {MapNode} from '../../aggregate/map/map.js';
import {escapeText} from '../../terminal/escape.js';
import {nameContainer, namePod, orUnknown} from '../table/cells.js';

/** Returns the name of a node without its host: `4711 curl`, `shop/web-1`, `10.0.0.0/24`. */
export function labelOf(node: MapNode): string {
  const {kind, name, pid} = node;
  const own = name ?? '';
  if (kind === 'process') return escapeText(`${orUnknown(pid)} ${own}`.trimEnd());
  if (kind === 'container') return escapeText(nameContainer(node) ?? own);
  if (kind === 'pod') return escapeText(namePod(node) ?? own);
  if (kind === 'others') return 'others';
  return escapeText(own === '' ? 'this host' : own);
}

/** Returns the host of a node that is one of several nodes of the host. */
export function hostOfNode({kind, host}: MapNode): string | undefined {
  return kind === 'host' ? undefined : host;
}

/** Returns true if the nodes are of several hosts, so that names need them. */
export function haveSeveralHosts(nodes: readonly MapNode[]): boolean {
  return new Set(nodes.flatMap(({host}) => host ?? [])).size > 1;
}

/** Returns the name of a node, with its host if there are several. */
export function nameNode(node: MapNode, withHost: boolean): string {
  const host = hostOfNode(node);
  const label = labelOf(node);
  return withHost && host !== undefined ? `${escapeText(host)} ${label}` : label;
}
