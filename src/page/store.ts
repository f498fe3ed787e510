/** The state of the page's map. */
import type {PageChange, PageEdge, PageHead, PageNode, PageState} from '../format/map/page/state.js';

export interface Store {
  readonly head: () => PageHead;
  readonly nodes: ReadonlyMap<number, PageNode>;
  readonly edges: ReadonlyMap<string, PageEdge>;
  readonly replace: (state: PageState) => void;
  readonly apply: (change: PageChange) => void;
  /** Returns the names of the nodes of an edge. */
  readonly namesOf: (edge: PageEdge) => readonly [from: string, to: string];
  /** Returns `A → B`. */
  readonly nameOf: (edge: PageEdge) => string;
}

export function createStore(): Store {
  let head: PageHead = {by: '', lost: 0};
  const nodes = new Map<number, PageNode>();
  const edges = new Map<string, PageEdge>();

  function add(state: PageState): void {
    head = {by: state.by, lost: state.lost, timeline: state.timeline};
    for (const node of state.nodes) nodes.set(node.id, node);
    for (const edge of state.edges) edges.set(edge.id, edge);
  }

  function dropUnused(): void {
    const used = new Set([...edges.values()].flatMap(({from, to}) => [from, to]));
    for (const [id, {listening}] of nodes) if (!used.has(id) && listening.length === 0) nodes.delete(id);
  }

  const labelOf = (id: number): string => nodes.get(id)?.label ?? '?';
  const namesOf = ({from, to}: PageEdge): readonly [string, string] => [labelOf(from), labelOf(to)];
  return {
    head: () => head,
    nodes,
    edges,
    replace(state) {
      nodes.clear();
      edges.clear();
      add(state);
    },
    apply(change) {
      add(change);
      for (const id of change.gone) edges.delete(id);
      dropUnused();
    },
    namesOf,
    nameOf: (edge) => namesOf(edge).join(' → '),
  };
}
