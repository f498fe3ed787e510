/** Decodes the records of bpf/sockets.bpf.c. Pure: no I/O, no clock. */
import type {Totals} from '../model/event.js';
import {type OpenSocket, type SocketNumbers, TIMER_NAMES} from '../model/socket.js';
import {nameOfState, spellState, type StateName} from '../model/state.js';
import {type NameZone, numberZone} from '../model/zone.js';
import {createAddressFormatter, isMapped} from './address.js';
import {memoizeBlock} from './block-memo.js';
import {EVENT_SIZE, Known, ListedOffset, NumbersOffset, Offset} from './layout.js';
import {
  checkVersion,
  decodeDirection,
  decodeFlow,
  decodeLiveNumbers,
  decodeName,
  mixedBuild,
  orUndefined,
  viewRecords,
} from './record.js';
import {indexHeldSockets} from './socket-tuples.js';
import {u16, u32, u64, u8, type Words} from './words.js';

function decodeState(words: Words, at: number): StateName {
  const code = u8(words, at + Offset.state);
  const state = nameOfState(code);
  if (state === undefined) throw mixedBuild(`a socket in the unknown state ${String(code)}`);
  return spellState(state);
}

/** Descriptors of each process, by inode. Records of a process are mostly adjacent. */
interface Descriptors {
  /** Adds a descriptor. For the first record of a process and socket, returns the array of all its descriptors. */
  readonly add: (pid: number, inode: number, fd: number) => number[] | undefined;
}

function createDescriptors(): Descriptors {
  const known = new Map<number, Map<number, number[]>>();
  let last = -1;
  let byInode = new Map<number, number[]>();
  return {
    add(pid, inode, fd) {
      if (pid !== last) {
        last = pid;
        byInode = known.get(pid) ?? new Map<number, number[]>();
        known.set(pid, byInode);
      }
      const fds = byInode.get(inode);
      if (fds === undefined) {
        const first = [fd];
        byInode.set(inode, first);
        return first;
      }
      if (!fds.includes(fd)) fds.push(fd);
      // a second walk may find a lower one
      if (fds.length > 1) fds.sort((a, b) => a - b);
      return undefined;
    },
  };
}

function decodeTotals(words: Words, at: number): Totals {
  const hasTotals = (u8(words, at + Offset.known) & Known.TOTALS) !== 0;
  return {
    tx_bytes: hasTotals ? u64(words, at + Offset.tx_bytes) : undefined,
    rx_bytes: hasTotals ? u64(words, at + Offset.rx_bytes) : undefined,
    rtt_us: orUndefined(u32(words, at + Offset.rtt_us)),
    retrans: hasTotals ? u32(words, at + Offset.retrans) : undefined,
  };
}

function decodeTimer(words: Words, at: number): Pick<SocketNumbers, 'timer' | 'timer_ms' | 'timer_retrans'> {
  const listed = at + Offset.listed;
  const timer = TIMER_NAMES[u8(words, listed + ListedOffset.timer)];
  return {
    timer,
    timer_ms: timer && u32(words, listed + ListedOffset.timer_ms),
    timer_retrans: timer && u8(words, listed + ListedOffset.timer_retrans),
  };
}

function decodeBacklog(words: Words, at: number): Pick<SocketNumbers, 'backlog' | 'backlog_max'> {
  if ((u8(words, at + Offset.known) & Known.NUMBERS) === 0) return {};
  const numbers = at + Offset.numbers;
  return {
    backlog: u32(words, numbers + NumbersOffset.rx_queue),
    backlog_max: u32(words, numbers + NumbersOffset.tx_queue),
  };
}

type DecodeSocket = (at: number, fds?: readonly number[]) => OpenSocket;

/** Returns a function that decodes the record at an offset. */
function createSocketDecoder(words: Words, nameZone: NameZone): DecodeSocket {
  const {ipv4, ipv6} = createAddressFormatter();
  const formatComm = memoizeBlock(decodeName);

  // object literals instead of spreads, which would take most of the time
  return (at, fds) => {
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
    const ifindex = orUndefined(u32(words, at + Offset.ifindex));
    const zone = ifindex === undefined ? undefined : nameZone(ifindex, netns, pid ?? 0);
    if (state === 'listening') {
      const local = {family, laddr, lport, zone, ifindex, netns, inode} as const;
      return {source, state, pid, comm, uid, fds, ...local, ...decodeBacklog(words, at)};
    }
    const raddr = format(words, at + Offset.raddr);
    const rport = u16(words, at + Offset.rport);
    const direction = decodeDirection(words, at);
    const flow = decodeFlow(words, at);
    const ends = {family, laddr, lport, raddr, rport, zone, ifindex, netns, inode, flow, direction} as const;
    const socket = {source, state, pid, comm, uid, fds} as const;
    const numbers = Object.assign(decodeLiveNumbers(words, at), decodeTimer(words, at));
    return Object.assign(socket, ends, decodeTotals(words, at), numbers);
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
function decodeUnheld(
  words: Words,
  offsets: readonly number[],
  held: readonly OpenSocket[],
  decode: DecodeSocket,
): OpenSocket[] {
  const isHeld = indexHeldSockets(words);
  const others = offsets.filter((at) => !isHeld(at)).map((at) => decode(at));
  if (others.every(({inode}) => inode === undefined)) return others;
  const findHolder = createHolderFinder(held);
  return others.map((socket) => ({...socket, ...findHolder(socket.inode)}));
}

/**
 * Decodes the addon's records: each socket once for each process that holds it, even if the process has several
 * descriptors, and the sockets that no process holds.
 *
 * @param nameZone names the interfaces of link-local addresses
 * @throws TcptraceError if the records have another layout
 */
export function decodeSockets(records: Buffer, nameZone = numberZone): OpenSocket[] {
  const words = viewRecords(records);
  const descriptors = createDescriptors();
  const decode = createSocketDecoder(words, nameZone);
  const held: OpenSocket[] = [];
  const offsets: number[] = [];
  for (let at = 0; at < records.length; at += EVENT_SIZE) {
    checkVersion(words, at);
    const pid = u32(words, at + Offset.pid);
    if (pid === 0) {
      offsets.push(at);
      continue;
    }
    const fd = u32(words, at + Offset.listed + ListedOffset.fd);
    const fds = descriptors.add(pid, u64(words, at + Offset.inode), fd);
    if (fds !== undefined) held.push(decode(at, fds));
  }
  return offsets.length === 0 ? held : [...held, ...decodeUnheld(words, offsets, held, decode)];
}
