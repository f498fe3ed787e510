/** Reads netlink sockets of this network namespace from /proc/net/netlink. */
import {visitSockets} from '../descriptors.js';
import {readText} from '../files.js';

/** NETLINK_NETFILTER (linux/netlink.h), the protocol of conntrack events. */
const NETFILTER = '12';

export interface Listener {
  readonly inode: number;
  /** Bytes in its receive buffer. */
  readonly unreadBytes: number;
  /** Messages dropped because the buffer was full. */
  readonly drops: number;
}

/**
 * Finds a process's netfilter socket that has subscribed to events; undefined without one. Matches by inode, because the
 * socket's port id may differ from the pid.
 */
export function readNetfilterListener(pid: number, root = '/proc'): Listener | undefined {
  const own = new Set<number>();
  visitSockets(root, pid, (inode) => own.add(inode));
  for (const line of (readText(`${root}/net/netlink`) ?? '').split('\n')) {
    // sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode
    const [, protocol, , groups = '0', unread, , , , drops, inode] = line.trim().split(/\s+/);
    if (protocol === NETFILTER && /[^0]/.test(groups) && own.has(Number(inode)))
      return {inode: Number(inode), unreadBytes: Number(unread), drops: Number(drops)};
  }
  return undefined;
}
