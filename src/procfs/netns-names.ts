/** Names of network namespaces, as ip-netns(8) gives them. */
import {statSync} from 'node:fs';
import {readDirectory} from './files.js';

const DIRECTORY = '/run/netns';

/** Names are read again after this time, because inode numbers are reused. */
const MAX_AGE_MS = 100;

function readNames(): ReadonlyMap<number, string> {
  const nsfs = statSync('/proc/self/ns/net', {throwIfNoEntry: false})?.dev;
  const names = new Map<number, string>();
  for (const name of readDirectory(DIRECTORY) ?? []) {
    const file = statSync(`${DIRECTORY}/${name}`, {throwIfNoEntry: false});
    if (file !== undefined && file.dev === nsfs) names.set(file.ino, name);
  }
  return names;
}

/** Returns a function that returns the name of a namespace's inode; undefined without one. Names are untrusted. */
export function createNetnsNamer(): (inode: number) => string | undefined {
  let names: ReadonlyMap<number, string> = new Map();
  let readAt = -Infinity;
  return (inode) => {
    const now = performance.now();
    if (now - readAt >= MAX_AGE_MS) {
      names = readNames();
      readAt = now;
    }
    return names.get(inode);
  };
}
