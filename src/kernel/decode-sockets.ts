/** Records of bpf/sockets.bpf.c -> sockets. Pure: no I/O, no clock. */
import {type HeldSocket, nameOfState} from '../model/socket.js';
import {createAddressFormatter} from './address.js';
import {memoizeBlock} from './block-memo.js';
import {EVENT_SIZE, Offset} from './layout.js';
import {checkVersion, decodeDirection, decodeName, mixedBuild, viewRecords} from './record.js';
import {u16, u32, u64, u8, type Words} from './words.js';

/** The first three words of ::ffff:a.b.c.d, in memory. */
const MAPPED = new Uint32Array(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255).buffer);

function isMapped(words: Words, at: number): boolean {
  return MAPPED.every((word, index) => u32(words, at + 4 * index) === word);
}

function decodeState(words: Words, at: number) {
  const code = u8(words, at + Offset.state);
  const state = nameOfState(code);
  if (state === undefined) throw mixedBuild(`a socket in the unknown state ${String(code)}`);
  return state;
}

/**
 * Several descriptors of one process for one socket are one.
 *
 * @throws TcptraceError where these are no records of this layout
 */
export function decodeSockets(records: Buffer): HeldSocket[] {
  const words = viewRecords(records);
  const {ipv4, ipv6} = createAddressFormatter();
  const formatComm = memoizeBlock(decodeName);
  const known = new Map<number, Set<number>>();

  function isNew(pid: number, inode: number): boolean {
    let inodes = known.get(pid);
    if (inodes === undefined) known.set(pid, (inodes = new Set()));
    return inodes.size < inodes.add(inode).size;
  }

  function decodeLocal(at: number): Pick<HeldSocket, 'family' | 'laddr' | 'lport'> {
    const lport = u16(words, at + Offset.lport);
    const laddr = at + Offset.laddr;
    if (u8(words, at + Offset.family) === 4) return {family: 4, laddr: ipv4(words, laddr), lport};
    // only the remote end of a connection says that it is IPv4-mapped, and a listener has none
    if (isMapped(words, laddr)) return {family: 4, laddr: ipv4(words, laddr + 12), lport};
    return {family: 6, laddr: ipv6(words, laddr), lport};
  }

  function decodeRemote(at: number, family: 4 | 6) {
    const raddr = (family === 4 ? ipv4 : ipv6)(words, at + Offset.raddr);
    return {raddr, rport: u16(words, at + Offset.rport)};
  }

  const sockets: HeldSocket[] = [];
  for (let at = 0; at < records.length; at += EVENT_SIZE) {
    checkVersion(words, at);
    const pid = u32(words, at + Offset.pid);
    const inode = u64(words, at + Offset.inode);
    if (!isNew(pid, inode)) continue;
    const state = decodeState(words, at);
    const local = decodeLocal(at);
    sockets.push({
      source: 'ebpf',
      state,
      pid,
      comm: formatComm(words, at + Offset.comm),
      uid: u32(words, at + Offset.uid),
      ...local,
      ...(state === 'LISTEN' ? {} : decodeRemote(at, local.family)),
      netns: u32(words, at + Offset.netns),
      inode,
      ...(state === 'LISTEN' ? {} : {direction: decodeDirection(words, at)}),
    });
  }
  return sockets;
}
