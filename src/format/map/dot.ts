/** Formats a map in the language of Graphviz. */
import type {MapEdge} from '../../aggregate/map/edge.js';
import type {ConnectionMap} from '../../aggregate/map/map.js';
import {type GraphGroup, type GraphNode, groupNodes, idOf} from './graph.js';
import {captionOf} from './report.js';

/** Quotes a text. A backslash begins an escape sequence, an ampersand an entity; a line feed is kept. */
function quote(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('&', '&amp;')
    .replaceAll('\n', '\\n');
  return `"${escaped}"`;
}

const STYLES: Readonly<Record<GraphNode['kind'], string>> = {
  own: 'fillcolor="#dbeafe"',
  idle: 'fillcolor="#f3f4f6", style="rounded,filled,dashed"',
  remote: 'fillcolor="#fef3c7", shape=ellipse, style=filled',
};

function formatNode({id, label, kind}: GraphNode): string {
  return `${id} [label=${quote(label)}, ${STYLES[kind]}];`;
}

function formatGroup({title, nodes}: GraphGroup, index: number): readonly string[] {
  const lines = nodes.map(formatNode);
  if (title === undefined) return lines.map((line) => `  ${line}`);
  return [
    `  subgraph cluster_${String(index)} {`,
    `    label=${quote(title)};`,
    ...lines.map((line) => `    ${line}`),
    '  }',
  ];
}

function formatEdge(edge: MapEdge): string {
  const color = edge.connections === 0 ? ', color="#dc2626", fontcolor="#dc2626"' : '';
  return `  ${idOf(edge.from)} -> ${idOf(edge.to)} [label=${quote(captionOf(edge))}${color}];`;
}

/** @param title text above the graph */
export function formatDot(map: ConnectionMap, title?: string): string {
  return `${[
    'digraph tcptrace {',
    '  graph [rankdir=LR, fontname="Helvetica", fontsize=12];',
    '  node [shape=box, style="rounded,filled", margin="0.2,0.06", fontname="Helvetica", fontsize=11];',
    '  edge [fontname="Helvetica", fontsize=9];',
    ...groupNodes(map).flatMap(formatGroup),
    ...map.edges.map(formatEdge),
    ...(title === undefined ? [] : [`  labelloc=t; label=${quote(title)};`]),
    '}',
  ].join('\n')}\n`;
}
