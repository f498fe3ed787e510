/** Decodes the records of bpf/sockets.bpf.c. Pure: no I/O, no clock. */
import type {OpenSocket} from '../model/socket.js';
import {nameOfState} from '../model/state.js';
import {createAddressFormatter, isMapped} from './address.js';
import {memoizeBlock} from './block-memo.js';
import {EVENT_SIZE, Offset} from './layout.js';
import {checkVersion, decodeDirection, decodeName, mixedBuild, viewRecords} from './record.js';
import {indexHeldSockets} from './socket-tuples.js';
import {u16, u32, u64, u8, type Words} from './words.js';

function decodeState(words: Words, at: number) {
  const code = u8(words, at + Offset.state);
  const state = nameOfState(code);
  if (state === undefined) throw mixedBuild(`a socket in the unknown state ${String(code)}`);
  return state;
}

/** Returns a function that is true for the first record of each process and socket. Fast if a process's records are adjacent. */
function createFirstTime(): (pid: number, inode: number) => boolean {
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

/** Returns a function that decodes the record at an offset. */
function createSocketDecoder(words: Words): (at: number) => OpenSocket {
  const {ipv4, ipv6} = createAddressFormatter();
  const formatComm = memoizeBlock(decodeName);

  // object literals instead of spreads, which would take most of the time
  return (at) => {
    const source = 'ebpf';
    const state = decodeState(words, at);
    const pid = u32(words, at + Offset.pid) || undefined;
    const comm = pid === undefined ? undefined : formatComm(words, at + Offset.comm);
    const uid = pid === undefined ? undefined : u32(words, at + Offset.uid);
    const inode = u64(words, at + Offset.inode) || undefined;
    const isIpv4 = u8(words, at + Offset.family) === 4;
    // BPF programs detect IPv4-mapped addresses by the remote one, which a listener does not have
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
  };
}

type Holder = Pick<OpenSocket, 'pid' | 'comm' | 'uid'>;

/** Finds a process that holds a socket, by inode. */
function createHolderFinder(held: readonly OpenSocket[]): (inode: number | undefined) => Holder {
  const holders = new Map(held.map(({inode, pid, comm, uid}) => [inode, {pid, comm, uid}]));
  return (inode) => (inode === undefined ? undefined : holders.get(inode)) ?? {};
}

/**
 * Decodes sockets that no process holds, and further subflows of MPTCP sockets. These have the inode of the first
 * subflow, which leads to the process.
 *
 * @param offsets byte offsets of the records from socket tables
 */
function decodeUnheld(words: Words, offsets: readonly number[], held: readonly OpenSocket[]): OpenSocket[] {
  const isHeld = indexHeldSockets(words);
  const decode = createSocketDecoder(words);
  const others = offsets.filter((at) => !isHeld(at)).map(decode);
  if (others.every(({inode}) => inode === undefined)) return others;
  const findHolder = createHolderFinder(held);
  return others.map((socket) => ({...socket, ...findHolder(socket.inode)}));
}

/**
 * Decodes the addon's records: each socket once for each process that holds it, even if the process has several
 * descriptors, and the sockets that no process holds.
 *
 * @throws TcptraceError if the records have another layout
 */
export function decodeSockets(records: Buffer): OpenSocket[] {
  const words = viewRecords(records);
  const isNew = createFirstTime();
  const decode = createSocketDecoder(words);
  const held: OpenSocket[] = [];
  const offsets: number[] = [];
  for (let at = 0; at < records.length; at += EVENT_SIZE) {
    checkVersion(words, at);
    const pid = u32(words, at + Offset.pid);
    if (pid === 0) offsets.push(at);
    else if (isNew(pid, u64(words, at + Offset.inode))) held.push(decode(at));
  }
  return offsets.length === 0 ? held : [...held, ...decodeUnheld(words, offsets, held)];
}
