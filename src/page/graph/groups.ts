/** The boxes of the graph: hosts, pods and containers, one within the other. */
import type {PageNode} from '../../format/map/page/state.js';

const LEVELS = ['host', 'pod', 'container'] as const;

export interface Group {
  readonly id: string;
  readonly label: string;
  readonly parent: string | undefined;
}

/** Returns true if the nodes have several hosts, which are boxes only then. */
export function haveSeveralHosts(nodes: Iterable<PageNode>): boolean {
  return new Set([...nodes].flatMap(({groups}) => groups.host ?? [])).size > 1;
}

/** Returns the groups of a node, from the outermost to the innermost. */
export function groupsOf({groups}: PageNode, withHosts: boolean): readonly Group[] {
  const path: string[] = [];
  const all: Group[] = [];
  for (const level of LEVELS) {
    const name = groups[level];
    // the host is part of the path in any case: containers of two hosts may share a name
    if (name === undefined) continue;
    path.push(`${level} ${name}`);
    if (level === 'host' && !withHosts) continue;
    all.push({id: `group ${JSON.stringify(path)}`, label: name, parent: all.at(-1)?.id});
  }
  return all;
}
