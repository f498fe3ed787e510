/** Helpers for finding peers, of events and of listed sockets. */
import type {Peer, PeerFields} from '../../model/event.js';

interface Endpoints {
  readonly laddr?: string | undefined;
  readonly lport?: number | undefined;
  readonly raddr?: string | undefined;
  readonly rport?: number | undefined;
}

/** Returns true if the socket connected to itself; it is its own peer. */
export function isOwnPeer({laddr, lport, raddr, rport}: Endpoints): boolean {
  return laddr === raddr && lport === rport;
}

/** Returns the fields that name a socket, and its process, as a peer. */
export function peerFields({pid, comm, inode, netns}: Peer): PeerFields {
  return {peer_pid: pid, peer_comm: comm, peer_inode: inode, peer_netns: netns};
}
