/** Netlink sockets of this network namespace, as /proc/net/netlink shows them. */
import {visitSockets} from '../descriptors.js';
import {readText} from '../files.js';

/** NETLINK_NETFILTER (linux/netlink.h), over which the kernel tells what it tracks. */
const NETFILTER = '12';

export interface Listener {
  /** What waits in its buffer. */
  readonly unreadBytes: number;
  /** Messages for which its buffer had no room. */
  readonly drops: number;
}

/**
 * A process's netfilter socket that has subscribed to events; undefined while there is none. Known by its inode: its
 * port need not be the process's id.
 */
export function readNetfilterListener(pid: number, root = '/proc'): Listener | undefined {
  const own = new Set<number>();
  visitSockets(root, pid, (inode) => own.add(inode));
  for (const line of (readText(`${root}/net/netlink`) ?? '').split('\n')) {
    // sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode
    const [, protocol, , groups = '0', unread, , , , drops, inode] = line.trim().split(/\s+/);
    if (protocol === NETFILTER && /[^0]/.test(groups) && own.has(Number(inode)))
      return {unreadBytes: Number(unread), drops: Number(drops)};
  }
  return undefined;
}
