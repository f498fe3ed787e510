/** Reduces a map to what a picture can show. */
import {countFailures, type MapEdge} from '../../aggregate/map/edge.js';
import type {ConnectionMap} from '../../aggregate/map/map.js';

function countAttempts(edge: MapEdge): number {
  return edge.connections + countFailures(edge);
}

/** Keeps the edges with most connections and failures, their nodes, and as many nodes that have no edges. */
export function keepBusiest(map: ConnectionMap, limit: number): ConnectionMap {
  const edges = map.edges.toSorted((a, b) => countAttempts(b) - countAttempts(a)).slice(0, limit);
  const indexesOf = (of: readonly MapEdge[]): Set<number> => new Set(of.flatMap(({from, to}) => [from, to]));
  const [used, kept] = [indexesOf(map.edges), indexesOf(edges)];
  const unused = [...map.nodes.keys()].filter((index) => !used.has(index)).slice(0, limit);
  const indexes = [...kept, ...unused].sort((a, b) => a - b);
  const numbers = new Map(indexes.map((index, number) => [index, number]));
  const numberOf = (index: number): number => numbers.get(index) ?? 0;
  return {
    ...map,
    nodes: map.nodes.filter((_, index) => numbers.has(index)),
    edges: edges.map((edge) => ({...edge, from: numberOf(edge.from), to: numberOf(edge.to)})),
  };
}
