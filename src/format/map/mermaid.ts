/** Formats a map as a flowchart of Mermaid, which Markdown of GitHub and GitLab shows. */
import type {MapEdge} from '../../aggregate/map/edge.js';
import type {ConnectionMap} from '../../aggregate/map/map.js';
import {type GraphGroup, type GraphNode, groupNodes, idOf} from './graph.js';
import {captionOf} from './report.js';

/** Quotes a text. Punctuation, which Markdown, HTML or Mermaid could interpret, becomes entities. */
function quote(text: string): string {
  const lines = text
    .split('\n')
    .map((line) =>
      line.replace(/[^\p{L}\p{N} .,:/()-]/gu, (character) => `#${String(character.codePointAt(0))};`),
    );
  return `"${lines.join('<br/>')}"`;
}

const SHAPES: Readonly<Record<GraphNode['kind'], readonly [open: string, close: string]>> = {
  own: ['[', ']'],
  idle: ['[', ']:::idle'],
  remote: ['([', '])'],
};

function formatNode({id, label, kind}: GraphNode): string {
  const [open, close] = SHAPES[kind];
  return `${id}${open}${quote(label)}${close}`;
}

function formatGroup({title, nodes}: GraphGroup, index: number): readonly string[] {
  const lines = nodes.map(formatNode);
  if (title === undefined) return lines.map((line) => `  ${line}`);
  return [`  subgraph h${String(index)}[${quote(title)}]`, ...lines.map((line) => `    ${line}`), '  end'];
}

function formatEdge(edge: MapEdge): string {
  const arrow = edge.connections === 0 ? '-.->' : '-->';
  return `  ${idOf(edge.from)} ${arrow}|${quote(captionOf(edge))}| ${idOf(edge.to)}`;
}

export function formatMermaid(map: ConnectionMap): string {
  return `${[
    'flowchart LR',
    '  classDef idle stroke-dasharray: 4',
    ...groupNodes(map).flatMap(formatGroup),
    ...map.edges.map(formatEdge),
  ].join('\n')}\n`;
}
