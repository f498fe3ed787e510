/** Lays out the graph: by forces, or if it is large by its spectrum and on a grid, which takes seconds instead of minutes. */
import cytoscape, {type Core, type NodeCollection, type NodeSingular} from 'cytoscape';
import fcose from 'cytoscape-fcose';
import {createPlaces, PLACE, type Point} from './placement.js';

cytoscape.use(fcose);

/** Beyond this number of nodes, the layout is the fast one. */
const MANY_NODES = 300;

/** Places of the grid for each node. */
const SPARSENESS = 1.8;

function runFcose(cy: Core, quality: 'draft' | 'proof'): void {
  const options = {
    name: 'fcose',
    quality,
    animate: false,
    randomize: true,
    packComponents: true,
    nodeDimensionsIncludeLabels: true,
    idealEdgeLength: 110,
    nodeSeparation: 110,
    nodeRepulsion: 12_000,
    fit: false,
  };
  cy.layout(options).run();
}

/** Nodes that stay together: those of an outermost box, or one without a box. */
interface Block {
  readonly nodes: readonly NodeSingular[];
  readonly center: Point;
}

function pathOf(node: NodeSingular): string {
  return node
    .ancestors()
    .map((group) => group.id())
    .reverse()
    .join(' ');
}

function meanOf(nodes: readonly NodeSingular[]): Point {
  const sum = (axis: 'x' | 'y'): number => nodes.reduce((total, node) => total + node.position(axis), 0);
  return {x: sum('x') / nodes.length, y: sum('y') / nodes.length};
}

function blocksOf(leaves: NodeCollection): readonly Block[] {
  const blocks = new Map<string, NodeSingular[]>();
  leaves.forEach((node) => {
    const id = node.ancestors().last().id() as string | undefined;
    const key = id ?? node.id();
    blocks.set(key, [...(blocks.get(key) ?? []), node]);
  });
  return Array.from(blocks.values(), (nodes) => ({
    nodes: nodes.toSorted((a, b) => pathOf(a).localeCompare(pathOf(b))),
    center: meanOf(nodes),
  })).sort((a, b) => b.nodes.length - a.nodes.length);
}

/** Moves nodes that lie on each other to a grid, where they are next to the same nodes as before. */
function spread(cy: Core): void {
  const leaves = cy.nodes().filter((node) => !node.isParent());
  const {w, h, x1, y1} = leaves.boundingBox();
  const area = leaves.length * SPARSENESS * PLACE.x * PLACE.y;
  const side = Math.sqrt(area);
  const toGrid = ({x, y}: Point): Point => ({
    x: ((x - x1) / Math.max(1, w)) * side,
    y: ((y - y1) / Math.max(1, h)) * side,
  });
  const {take} = createPlaces([]);
  cy.batch(() => {
    for (const {nodes, center} of blocksOf(leaves)) {
      const columns = Math.ceil(Math.sqrt(nodes.length));
      const {x, y} = take(toGrid(center), {columns, rows: Math.ceil(nodes.length / columns)});
      for (const [index, node] of nodes.entries())
        node.position({
          x: x + (index % columns) * PLACE.x,
          y: y + Math.floor(index / columns) * PLACE.y,
        });
    }
  });
}

export function layOut(cy: Core): void {
  const isLarge = cy.nodes().length > MANY_NODES;
  runFcose(cy, isLarge ? 'draft' : 'proof');
  if (isLarge) spread(cy);
}
