/** Finds the network namespaces of a machine. */
import {readDirectory, readLink, readText} from './files.js';
import {bracketed, listPids} from './processes.js';

/** A network namespace, and a file through which setns(2) enters it. */
export interface NetworkNamespace {
  readonly inode: number;
  readonly path: string;
  /** Directory of a process or thread in it, such as /proc/7; undefined if it has none. */
  readonly directory?: string;
}

/** Decodes the octal escapes of /proc/PID/mountinfo, such as `\040` for a space (mangle() of fs/proc_namespace.c). */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

/** Yields the mounted network namespaces, such as those of `ip netns add`. @param text of /proc/PID/mountinfo */
function* parseMounts(text: string): Generator<NetworkNamespace> {
  for (const line of text.split('\n')) {
    // id parent device root mount-point ... - type
    const [, , , root = '', path = ''] = line.split(' ');
    const inode = bracketed(root, 'net:[');
    if (inode !== undefined && line.includes(' - nsfs ')) yield {inode, path: unescape(path)};
  }
}

/** Yields the namespaces of threads that are in another one than their process. */
function* ofThreads(root: string, pid: number, netns: number | undefined): Generator<NetworkNamespace> {
  const directory = `${root}/${String(pid)}/task`;
  const threads = readDirectory(directory) ?? [];
  if (threads.length < 2) return;
  for (const thread of threads) {
    const path = `${directory}/${thread}/ns/net`;
    const inode = bracketed(readLink(path) ?? '', 'net:[');
    if (inode !== undefined && inode !== netns) yield {inode, path, directory: `${directory}/${thread}`};
  }
}

function* ofProcess(root: string, name: string, mounts: Set<string>): Generator<NetworkNamespace> {
  const directory = `${root}/${name}`;
  const path = `${directory}/ns/net`;
  const inode = bracketed(readLink(path) ?? '', 'net:[');
  if (inode !== undefined) yield {inode, path, directory};
  if (name !== 'self') yield* ofThreads(root, Number(name), inode);
  const mountNamespace = readLink(`${directory}/ns/mnt`);
  if (mountNamespace === undefined || mounts.has(mountNamespace)) return;
  mounts.add(mountNamespace);
  for (const mounted of parseMounts(readText(`${directory}/mountinfo`) ?? ''))
    yield {...mounted, path: name === 'self' ? mounted.path : `${directory}/root${mounted.path}`};
}

/**
 * Finds the network namespaces of processes and threads, and those that are mounted, each once. A namespace that
 * only a descriptor or a socket keeps alive is not found.
 *
 * @throws TcptraceError (not supported) if no /proc is mounted at `root`
 */
export function findNetworkNamespaces(root = '/proc'): NetworkNamespace[] {
  const found = new Map<number, NetworkNamespace>();
  const mounts = new Set<string>();
  for (const name of ['self', ...listPids(root).map(String)])
    for (const netns of ofProcess(root, name, mounts)) {
      const known = found.get(netns.inode);
      if (known === undefined || (known.directory === undefined && netns.directory !== undefined))
        found.set(netns.inode, netns);
    }
  return [...found.values()];
}
