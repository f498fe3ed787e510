/** Names the interfaces of network namespaces, for link-local addresses. */
import {openAddon} from '../kernel/addon.js';
import {numberZone, type NameZone} from '../model/zone.js';
import {findNetworkNamespaces} from '../procfs/namespaces.js';

/** Interfaces are renamed and added: names are read again after this time, and an unknown index is not looked up before. */
const REFRESH_MS = 100;

/** The search for a namespace takes at most one part in this many of the time. */
const SEARCH_SHARE = 10;

/** Most namespaces whose interfaces are remembered. */
const MAX_NAMESPACES = 1024;

type Interfaces = Readonly<Partial<Record<number, string>>>;

interface Known {
  readonly names: Interfaces;
  readonly readAt: number;
}

/** Returns a function that finds a path of a namespace. */
function createSearch(): (netns: number) => string | undefined {
  let paths: ReadonlyMap<number, string> = new Map();
  let nextAt = 0;
  return (netns) => {
    const begin = performance.now();
    if (begin < nextAt) return paths.get(netns);
    paths = new Map(findNetworkNamespaces().map(({inode, path}) => [inode, path]));
    const end = performance.now();
    nextAt = end + (end - begin) * SEARCH_SHARE;
    return paths.get(netns);
  };
}

/**
 * Creates a function that names interfaces. It reads those of a namespace at most every 100 ms. Of a namespace that is
 * gone it has the names that it read before, or else numbers.
 */
export function createZoneNames(): NameZone {
  const {interfaces} = openAddon();
  const search = createSearch();
  const paths = new Map<number, string>();
  const known = new Map<number, Known>();

  function readFrom(path: string | undefined, netns: number): Interfaces | undefined {
    if (path === undefined) return undefined;
    const names = interfaces(path, netns);
    if (Object.keys(names).length === 0) return undefined;
    paths.set(netns, path);
    return names;
  }

  function read(netns: number, pid: number): Interfaces {
    const ofProcess = pid === 0 ? undefined : `/proc/${String(pid)}/ns/net`;
    const names = readFrom(paths.get(netns), netns) ?? readFrom(ofProcess, netns);
    return names ?? readFrom(search(netns), netns) ?? known.get(netns)?.names ?? {};
  }

  return (ifindex, netns, pid) => {
    const now = performance.now();
    let found = known.get(netns);
    if (found === undefined || now - found.readAt >= REFRESH_MS) {
      if (known.size >= MAX_NAMESPACES) {
        known.clear();
        paths.clear();
      }
      found = {names: read(netns, pid), readAt: now};
      known.set(netns, found);
    }
    return found.names[ifindex] ?? numberZone(ifindex, netns, pid);
  };
}
