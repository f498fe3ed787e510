/** The picture of the map. */
import cytoscape, {type Core} from 'cytoscape';
import type {PageEdge} from '../../format/map/page/state.js';
import type {Selection} from '../details.js';
import {find} from '../dom.js';
import {createElements, edgeElementId} from './elements.js';
import {layOut} from './layout.js';
import {createLook, isLarge} from './look.js';
import type {Store} from '../store.js';

const [PAN_STEP, ZOOM_STEP] = [60, 1.25];

/** A small graph does not fill the view. */
const MAX_FITTED_ZOOM = 1.3;

/** Pixels around the fitted graph. */
const MARGIN = 20;

export interface Graph {
  readonly show: (edges: readonly PageEdge[], selection: Selection | undefined, withGroups: boolean) => void;
  /** Lays out all nodes. */
  readonly arrange: () => void;
  readonly fit: () => void;
  /** Takes the colors of the theme. */
  readonly recolor: () => void;
}

/** Keeps all of the graph in view, until the user moves it. */
interface View {
  readonly fit: () => void;
  /** Fits the graph again, unless the user has moved it since. */
  readonly follow: () => void;
  readonly release: () => void;
}

function createView(cy: Core): View {
  let isFollowing = true;
  const fit = (): void => {
    isFollowing = true;
    const visible = cy.elements(':visible');
    cy.fit(visible, MARGIN);
    if (cy.zoom() <= MAX_FITTED_ZOOM) return;
    cy.zoom(MAX_FITTED_ZOOM);
    cy.center(visible);
  };
  const release = (): void => {
    isFollowing = false;
  };
  const follow = (): void => {
    if (isFollowing) fit();
  };
  cy.on('dragpan pinchzoom scrollzoom', release);
  cy.on('resize', follow);
  return {fit, follow, release};
}

function createKeys(cy: Core, {fit, release}: View): Readonly<Record<string, () => void>> {
  const pan = (x: number, y: number) => (): void => {
    release();
    cy.panBy({x: x * PAN_STEP, y: y * PAN_STEP});
  };
  const zoom = (factor: number) => (): void => {
    release();
    const center = {x: cy.width() / 2, y: cy.height() / 2};
    cy.zoom({level: cy.zoom() * factor, renderedPosition: center});
  };
  return {
    ArrowLeft: pan(1, 0),
    ArrowRight: pan(-1, 0),
    ArrowUp: pan(0, 1),
    ArrowDown: pan(0, -1),
    '+': zoom(ZOOM_STEP),
    '-': zoom(1 / ZOOM_STEP),
    '0': fit,
  };
}

function listen(
  cy: Core,
  container: HTMLElement,
  view: View,
  select: (to: Selection | undefined) => void,
): void {
  cy.on('tap', ({target}: {target: unknown}) => {
    if (target === cy) {
      select(undefined);
      return;
    }
    const {edge, node} = (target as {data: () => {edge?: string; node?: number}}).data();
    if (edge !== undefined) select({kind: 'edge', id: edge});
    else if (node !== undefined) select({kind: 'node', id: node});
  });
  const keys = createKeys(cy, view);
  container.addEventListener('keydown', (event) => {
    const act = keys[event.key];
    if (act === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    act();
  });
}

/** Hides all edges but these, with the nodes and boxes that have none; without a filter, listeners without edges are shown. */
function hideOthers(cy: Core, store: Store, edges: readonly PageEdge[]): void {
  const ids = new Set(edges.map(({id}) => id));
  const used = new Set(edges.flatMap(({from, to}) => [from, to]));
  const isComplete = edges.length === store.edges.size;
  cy.batch(() => {
    cy.edges().forEach((edge) => {
      edge.toggleClass('hidden', !ids.has(edge.data('edge') as string));
    });
    const leaves = cy.nodes().filter((node) => node.data('node') !== undefined);
    leaves.forEach((node) => {
      node.toggleClass('hidden', !isComplete && !used.has(node.data('node') as number));
    });
    const boxes = leaves.not('.hidden').ancestors();
    cy.nodes()
      .difference(leaves)
      .forEach((box) => {
        box.toggleClass('hidden', !boxes.contains(box));
      });
  });
}

function highlight(cy: Core, selection: Selection | undefined): void {
  cy.elements('.selected').removeClass('selected');
  if (selection === undefined) return;
  const id = selection.kind === 'edge' ? edgeElementId(selection.id) : `n${String(selection.id)}`;
  cy.getElementById(id).addClass('selected');
}

function createCore(container: HTMLElement, edges: number): Core {
  return cytoscape({
    container,
    style: createLook(edges),
    boxSelectionEnabled: false,
    autounselectify: true,
    minZoom: 0.02,
    maxZoom: 4,
    // while the view moves, a large graph moves as one picture
    textureOnViewport: isLarge(edges),
    ...(isLarge(edges) && {pixelRatio: 1}),
  });
}

/** @param select called when a node, an edge or the background is clicked */
export function createGraph(store: Store, select: (selection: Selection | undefined) => void): Graph {
  const container = find('#graph', HTMLElement);
  let large = isLarge(store.edges.size);
  const cy = createCore(container, store.edges.size);
  const elements = createElements(cy);
  const view = createView(cy);
  listen(cy, container, view, select);

  function recolor(): void {
    large = isLarge(store.edges.size);
    cy.style(createLook(store.edges.size));
  }

  function arrange(): void {
    if (cy.nodes().nonempty()) layOut(cy);
    elements.settle();
    view.fit();
  }

  return {
    show(edges, selection, withGroups) {
      const wasEmpty = cy.nodes().empty();
      const hasNew = elements.update(store, withGroups);
      if (large !== isLarge(store.edges.size)) recolor();
      if (hasNew && !wasEmpty) elements.placeNew();
      hideOthers(cy, store, edges);
      highlight(cy, selection);
      if (wasEmpty) arrange();
      else if (hasNew) view.follow();
    },
    arrange,
    fit: view.fit,
    recolor,
  };
}
