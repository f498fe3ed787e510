/** Draws a map as SVG with Graphviz, which is compiled to WebAssembly. */
import {instance} from '@viz-js/viz';
import type {ConnectionMap} from '../../aggregate/map/map.js';
import {keepBusiest} from './busiest.js';
import {formatDot} from './dot.js';

/** Limit of edges; Graphviz takes minutes for twice as many. */
const MAX_EDGES = 150;

function describeOmission(all: ConnectionMap, shown: ConnectionMap): string | undefined {
  if (shown.nodes.length === all.nodes.length && shown.edges.length === all.edges.length) return undefined;
  const [edges, allEdges, nodes, allNodes] = [shown.edges, all.edges, shown.nodes, all.nodes].map(
    ({length}) => String(length),
  ) as [string, string, string, string];
  return `the busiest ${edges} of ${allEdges} edges, ${nodes} of ${allNodes} nodes; html shows all`;
}

export async function formatSvg(map: ConnectionMap): Promise<string> {
  const shown = keepBusiest(map, MAX_EDGES);
  const graphviz = await instance();
  return graphviz.renderString(formatDot(shown, describeOmission(map, shown)), {format: 'svg'});
}
