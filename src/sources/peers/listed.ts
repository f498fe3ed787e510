/** Finds the process at the other endpoint of each listed socket: both endpoints have the same flow. */
import type {PeerFields} from '../../model/event.js';
import type {OpenSocket} from '../../model/socket.js';
import {isOwnPeer, peerFields} from './peer.js';

/** A process that holds a socket. */
interface Holder {
  /** Distinguishes sockets without an inode, such as those in a backlog. */
  readonly socket: string;
  readonly peer: PeerFields;
}

function identify({netns, laddr, lport, raddr, rport, zone}: OpenSocket): string {
  return [netns, laddr, lport, raddr, rport, zone].join(' ');
}

function holderOf(socket: OpenSocket): Holder {
  return {socket: identify(socket), peer: peerFields(socket)};
}

/** Returns the sockets of each flow; of a socket that several processes hold, the first one. */
function groupByFlow(sockets: readonly OpenSocket[]): ReadonlyMap<string, readonly Holder[]> {
  const flows = new Map<string, Holder[]>();
  for (const socket of sockets) {
    if (socket.flow === undefined) continue;
    const holders = flows.get(socket.flow) ?? [];
    flows.set(socket.flow, holders);
    const holder = holderOf(socket);
    if (!holders.some((known) => known.socket === holder.socket)) holders.push(holder);
  }
  return flows;
}

/** Adds the peer of each socket, if it is known. @param sockets all sockets of this host */
export function addListedPeers(sockets: readonly OpenSocket[]): readonly OpenSocket[] {
  const flows = groupByFlow(sockets);
  return sockets.map((socket) => {
    const holders = socket.flow === undefined ? [] : (flows.get(socket.flow) ?? []);
    const own = identify(socket);
    const others = isOwnPeer(socket) ? holders : holders.filter((holder) => holder.socket !== own);
    const [other, ...more] = others;
    return other === undefined || more.length > 0 ? socket : {...socket, ...other.peer};
  });
}
