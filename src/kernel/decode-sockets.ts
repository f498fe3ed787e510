/** Decodes records of bpf/sockets.bpf.c into sockets. Pure: no I/O, no clock. */
import {type OpenSocket, nameOfState} from '../model/socket.js';
import {createAddressFormatter, isMapped} from './address.js';
import {memoizeBlock} from './block-memo.js';
import {EVENT_SIZE, Offset} from './layout.js';
import {checkVersion, decodeDirection, decodeName, mixedBuild, viewRecords} from './record.js';
import {u16, u32, u64, u8, type Words} from './words.js';

function decodeState(words: Words, at: number) {
  const code = u8(words, at + Offset.state);
  const state = nameOfState(code);
  if (state === undefined) throw mixedBuild(`a socket in the unknown state ${String(code)}`);
  return state;
}

/** Creates a function that returns true at the first call for a process and socket. Fast if calls for one pid come in a row. */
function createFirstSeen(): (pid: number, inode: number) => boolean {
  const known = new Map<number, Set<number>>();
  let last = -1;
  let inodes = new Set<number>();
  return (pid, inode) => {
    if (pid !== last) {
      last = pid;
      inodes = known.get(pid) ?? new Set();
      known.set(pid, inodes);
    }
    return inodes.size < inodes.add(inode).size;
  };
}

/**
 * Decodes records; drops duplicates, where a process has several descriptors for a socket.
 *
 * @throws TcptraceError if the records do not have this layout
 */
export function decodeSockets(records: Buffer): OpenSocket[] {
  const words = viewRecords(records);
  const {ipv4, ipv6} = createAddressFormatter();
  const formatComm = memoizeBlock(decodeName);
  const isNew = createFirstSeen();

  /** Two object literals instead of a spread, which would dominate the run time. */
  function decode(at: number, pid: number, inode: number): OpenSocket {
    const source = 'ebpf';
    const state = decodeState(words, at);
    const comm = formatComm(words, at + Offset.comm);
    const uid = u32(words, at + Offset.uid);
    const isIpv4 = u8(words, at + Offset.family) === 4;
    // the record has a mapped local address only for connections; a listener has none
    const hasMapped = !isIpv4 && isMapped(words.u32, (at + Offset.laddr) >> 2);
    const family = isIpv4 || hasMapped ? 4 : 6;
    const format = family === 4 ? ipv4 : ipv6;
    const laddr = format(words, at + Offset.laddr + (hasMapped ? 12 : 0));
    const lport = u16(words, at + Offset.lport);
    const netns = u32(words, at + Offset.netns);
    if (state === 'LISTEN') return {source, state, pid, comm, uid, family, laddr, lport, netns, inode};
    const raddr = format(words, at + Offset.raddr);
    const rport = u16(words, at + Offset.rport);
    const direction = decodeDirection(words, at);
    return {source, state, pid, comm, uid, family, laddr, lport, raddr, rport, netns, inode, direction};
  }

  const sockets: OpenSocket[] = [];
  for (let at = 0; at < records.length; at += EVENT_SIZE) {
    checkVersion(words, at);
    const pid = u32(words, at + Offset.pid);
    const inode = u64(words, at + Offset.inode);
    if (isNew(pid, inode)) sockets.push(decode(at, pid, inode));
  }
  return sockets;
}
