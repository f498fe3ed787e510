/** Finds what has changed from one state of a map to the next. */
import type {PageChange, PageState} from '../../../format/map/page/state.js';

export interface Changes {
  /** Returns what is new or gone since the state before; undefined if nothing has changed. */
  readonly next: (state: PageState) => PageChange | undefined;
}

/** Returns the items that differ from those of the same id, and remembers them. */
function pickChanged<Item extends {readonly id: number | string}>(
  known: Map<number | string, string>,
  items: readonly Item[],
): readonly Item[] {
  return items.filter((item) => {
    const text = JSON.stringify(item);
    if (known.get(item.id) === text) return false;
    known.set(item.id, text);
    return true;
  });
}

/** Forgets the items that no longer exist. @returns their ids */
function dropGone(
  known: Map<number | string, string>,
  items: readonly {readonly id: number | string}[],
): string[] {
  if (known.size === items.length) return [];
  const ids = new Set(items.map(({id}) => id));
  const gone = [...known.keys()].filter((id) => !ids.has(id));
  for (const id of gone) known.delete(id);
  return gone.map(String);
}

export function createChanges(): Changes {
  const nodes = new Map<number | string, string>();
  const edges = new Map<number | string, string>();
  let before = '';
  return {
    next({nodes: allNodes, edges: allEdges, ...head}) {
      const [changedNodes, changedEdges] = [pickChanged(nodes, allNodes), pickChanged(edges, allEdges)];
      dropGone(nodes, allNodes);
      const gone = dropGone(edges, allEdges);
      const text = JSON.stringify(head);
      const isSame = text === before && changedNodes.length + changedEdges.length + gone.length === 0;
      before = text;
      return isSame ? undefined : {...head, nodes: changedNodes, edges: changedEdges, gone};
    },
  };
}
