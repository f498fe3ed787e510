/** Decides which edges are shown. */
import type {PageEdge, PageTimeline} from '../format/map/page/state.js';
import type {Store} from './store.js';

export interface Filter {
  /** Words that all have to occur in the names, ports or errors of an edge; in lower case. */
  readonly words: readonly string[];
  readonly isFailing: boolean;
  readonly isOpen: boolean;
  /** No edges with peers outside. */
  readonly isInside: boolean;
  /** Only edges with connections in this period; undefined is the whole time. */
  readonly period: number | undefined;
}

export function wasActive({runs, openSince}: PageEdge, period: number): boolean {
  if (openSince !== undefined && period >= openSince) return true;
  return runs.some(([first, last]) => first <= period && period <= last);
}

function textOf(store: Store, edge: PageEdge): string {
  return `${store.nameOf(edge)} ${edge.ports.join(' ')} ${Object.keys(edge.failures).join(' ')}`.toLowerCase();
}

/** Returns the edges that pass the filter. */
export function selectEdges(store: Store, filter: Filter): readonly PageEdge[] {
  const {words, isFailing, isOpen, isInside, period} = filter;
  const isOutside = (id: number): boolean => store.nodes.get(id)?.kind === 'remote';
  return [...store.edges.values()].filter((edge) => {
    if (isFailing && edge.fails === 0) return false;
    if (isOpen && edge.open === 0) return false;
    if (isInside && (isOutside(edge.from) || isOutside(edge.to))) return false;
    if (period !== undefined && !wasActive(edge, period)) return false;
    if (words.length === 0) return true;
    const text = textOf(store, edge);
    return words.every((word) => text.includes(word));
  });
}

/** Returns the period at a position of the slider; undefined for its last position, the whole time. */
export function periodAt(timeline: PageTimeline | undefined, position: number): number | undefined {
  if (timeline === undefined) return undefined;
  const period = timeline.first + position;
  return period > timeline.last ? undefined : period;
}
