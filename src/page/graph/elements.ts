/** Keeps the elements of the graph in step with the map: adds, updates and removes, and moves nothing. */
import type {Core, ElementDefinition, NodeCollection, NodeSingular} from 'cytoscape';
import type {PageEdge, PageNode} from '../../format/map/page/state.js';
import {type Group, groupsOf, haveSeveralHosts} from './groups.js';
import {createPlaces, type Point} from './placement.js';
import type {Store} from '../store.js';

const nodeId = (id: number): string => `n${String(id)}`;
export const edgeElementId = (id: string): string => `e${id}`;

function widthOf({connections, fails}: PageEdge): number {
  return Math.min(8, 1 + Math.log10(1 + connections + fails));
}

function describeEdge(edge: PageEdge): ElementDefinition {
  const {id, from, to} = edge;
  const data = {
    id: edgeElementId(id),
    source: nodeId(from),
    target: nodeId(to),
    width: widthOf(edge),
    edge: id,
  };
  return {group: 'edges', data};
}

function describeNode({id, label, kind}: PageNode, parent: string | undefined): ElementDefinition {
  const data = {id: nodeId(id), label, node: id, ...(parent !== undefined && {parent})};
  return {group: 'nodes', data, classes: kind};
}

/** Adds the missing ones of the groups. @returns the id of the innermost one */
function addGroups(cy: Core, groups: readonly Group[]): string | undefined {
  for (const {id, label, parent} of groups)
    if (cy.getElementById(id).empty())
      cy.add({group: 'nodes', data: {id, label, ...(parent !== undefined && {parent})}});
  return groups.at(-1)?.id;
}

function positionsOf(nodes: NodeCollection): readonly Point[] {
  return nodes.map((node: NodeSingular) => node.position());
}

/** Returns the middle of the neighbors, or of the group, of a node; undefined if none of them has a place. */
function anchorOf(cy: Core, id: string, parent: string | undefined): Point | undefined {
  const siblings = parent === undefined ? cy.collection() : cy.getElementById(parent).children();
  const neighbors = cy.getElementById(id).neighborhood('node');
  const around = [siblings, neighbors]
    .map((nodes) => nodes.filter((node) => node.scratch('isPlaced') === true))
    .find((nodes) => nodes.nonempty());
  if (around === undefined) return undefined;
  const points = positionsOf(around);
  const mean = (axis: 'x' | 'y'): number =>
    points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  return {x: mean('x'), y: mean('y')};
}

export interface Elements {
  /** @returns true if there are new nodes */
  readonly update: (store: Store, withGroups: boolean) => boolean;
  /** Gives new nodes a place near their neighbors. */
  readonly placeNew: () => void;
  /** Marks the places of all nodes as final. */
  readonly settle: () => void;
}

function removeGone(cy: Core, store: Store): void {
  const gone = cy.elements().filter((element) => {
    const {edge, node} = element.data() as {edge?: string; node?: number};
    if (edge !== undefined) return !store.edges.has(edge);
    return node === undefined ? false : !store.nodes.has(node);
  });
  cy.remove(gone);
  const leaves = cy.nodes().filter((node) => node.data('node') !== undefined);
  cy.remove(cy.nodes().difference(leaves).difference(leaves.ancestors()));
}

function updateNode(cy: Core, node: PageNode, groups: readonly Group[]): boolean {
  const parent = addGroups(cy, groups);
  const known = cy.getElementById(nodeId(node.id));
  if (known.empty()) {
    cy.add(describeNode(node, parent));
    return true;
  }
  known.data('label', node.label);
  if ((known.parent().first().id() as string | undefined) !== parent) known.move({parent: parent ?? null});
  return false;
}

function updateEdge(cy: Core, edge: PageEdge): void {
  const known = cy.getElementById(edgeElementId(edge.id));
  const element = known.empty() ? cy.add(describeEdge(edge)) : known;
  element.data('width', widthOf(edge));
  element.toggleClass('failed', edge.fails > 0 && edge.connections === 0);
  element.toggleClass('idle', edge.open === 0 && edge.fails === 0);
}

/** Returns true if an object is not the one that it was; the store replaces objects that change. */
function createChangeTest(): (id: string, item: PageNode | PageEdge) => boolean {
  const last = new Map<string, PageNode | PageEdge>();
  return (id, item) => {
    if (last.get(id) === item) return false;
    last.set(id, item);
    return true;
  };
}

/** Gives new nodes a place near their neighbors. */
function placeNew(cy: Core): void {
  const leaves = cy.nodes().filter((node) => node.data('node') !== undefined);
  const placed = leaves.filter((node) => node.scratch('isPlaced') === true);
  const {take} = createPlaces(positionsOf(placed));
  const {x2, y1} = placed.nonempty() ? placed.boundingBox() : {x2: 0, y1: 0};
  leaves.difference(placed).forEach((node) => {
    const anchor = anchorOf(cy, node.id(), node.parent().first().id());
    node.position({...take(anchor ?? {x: x2 + 80, y: y1})});
    node.scratch('isPlaced', true);
  });
}

export function createElements(cy: Core): Elements {
  const hasChanged = createChangeTest();
  let hadGroups: boolean | undefined;
  return {
    update(store, withGroups) {
      const withHosts = haveSeveralHosts(store.nodes.values());
      const haveGroupsChanged = hadGroups !== withGroups;
      hadGroups = withGroups;
      let hasNew = false;
      cy.batch(() => {
        for (const node of store.nodes.values())
          if (hasChanged(nodeId(node.id), node) || haveGroupsChanged)
            hasNew = updateNode(cy, node, withGroups ? groupsOf(node, withHosts) : []) || hasNew;
        for (const edge of store.edges.values())
          if (hasChanged(edgeElementId(edge.id), edge)) updateEdge(cy, edge);
        removeGone(cy, store);
      });
      return hasNew;
    },
    placeNew() {
      placeNew(cy);
    },
    settle() {
      cy.nodes().forEach((node) => {
        node.scratch('isPlaced', true);
      });
    },
  };
}
