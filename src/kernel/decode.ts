/** Decodes records of bpf/event.h into events. Pure: no I/O, no clock. */
import {constants} from 'node:os';
import {getSystemErrorMap} from 'node:util';
import type {ConnectionEvent, EndedBy, Opener, Source, UpdateEvent} from '../model/event.js';
import {memoize} from '../model/basics/memo.js';
import {nameOfState, spellState} from '../model/state.js';
import {type NameZone, numberZone} from '../model/zone.js';
import {type AddressFormatter, createAddressFormatter} from './address.js';
import type {Batch} from './binding.js';
import {memoizeBlock} from './block-memo.js';
import {createTimeFormatter} from './clock.js';
import type {ReadCgroup} from './decode-cgroup.js';
import {EVENT_SIZE, EVENT_VERSION, EndedByCode, EventType, Known, Offset} from './layout.js';
import {
  byCode,
  checkVersion,
  decodeDirection,
  decodeFlow,
  decodeLiveNumbers,
  decodeName,
  mixedBuild,
  orUndefined,
  viewRecords,
} from './record.js';
import {u16, u32, u64, u8, type Words} from './words.js';

const ENDINGS = byCode<EndedBy>({
  [EndedByCode.LOCAL]: 'local',
  [EndedByCode.REMOTE]: 'remote',
  [EndedByCode.LOCAL_RESET]: 'local-reset',
  [EndedByCode.REMOTE_RESET]: 'remote-reset',
  [EndedByCode.TIMEOUT]: 'timeout',
});

const KINDS = byCode<ConnectionEvent['event']>({
  [EventType.CONNECT]: 'connect',
  [EventType.ACCEPT]: 'accept',
  [EventType.CLOSE]: 'close',
  [EventType.FAIL]: 'fail',
  [EventType.OPEN]: 'open',
  [EventType.UPDATE]: 'update',
});

/**
 * Compares the addon's record size and version with this layout.
 *
 * @throws TcptraceError if they differ
 */
export function checkLayout(eventSize: number, eventVersion: number): void {
  if (eventSize !== EVENT_SIZE || eventVersion !== EVENT_VERSION) {
    throw mixedBuild(
      `the addon has events of ${String(eventSize)} bytes, version ${String(eventVersion)}, ` +
        `expected ${String(EVENT_SIZE)} bytes, version ${String(EVENT_VERSION)}`,
    );
  }
}

function isZeroAddress(words: Words, at: number): boolean {
  return (u32(words, at) | u32(words, at + 4) | u32(words, at + 8) | u32(words, at + 12)) === 0;
}

function isKnown(words: Words, at: number, bit: number): boolean {
  return (u8(words, at + Offset.known) & bit) !== 0;
}

function elapsed(words: Words, at: number): number | undefined {
  return isKnown(words, at, Known.ELAPSED) ? u64(words, at + Offset.elapsed_us) : undefined;
}

function synRetrans(words: Words, at: number): number | undefined {
  return isKnown(words, at, Known.SYN_RETRANS) ? u32(words, at + Offset.syn_retrans) : undefined;
}

/** Returns the name of an errno; undefined for 0. */
const errnoName = memoize((errno: number): string | undefined => {
  if (errno === 0) return undefined;
  const known = getSystemErrorMap().get(-errno)?.[0];
  if (known !== undefined) return known;
  const found = Object.entries(constants.errno).find(([, value]) => value === errno);
  return found === undefined ? `errno ${String(errno)}` : found[0];
});

/** Offsets of 32-bit words that describe the caller, each with that of the opener. */
const PARTY_WORDS = [
  [Offset.pid, Offset.owner_pid],
  [Offset.uid, Offset.owner_uid],
  ...[0, 4].map((word) => [Offset.cgroup + word, Offset.owner_cgroup + word] as const),
  ...[0, 4, 8, 12].map((word) => [Offset.comm + word, Offset.owner_comm + word] as const),
  ...[0, 4, 8, 12].map((word) => [Offset.thread + word, Offset.owner_thread + word] as const),
] as const;

/** Returns true if the process and thread that closed the connection are those that opened it. */
function isSameParty(words: Words, at: number): boolean {
  for (const [caller, opener] of PARTY_WORDS)
    if (u32(words, at + caller) !== u32(words, at + opener)) return false;
  return true;
}

/** Formatters of texts; each caches its results. */
interface Texts {
  readonly address: AddressFormatter;
  readonly name: (words: Words, at: number) => string;
  readonly zone: NameZone;
}

function decodeOpener(words: Words, at: number, texts: Texts): Opener {
  const comm = texts.name(words, at + Offset.owner_comm);
  const thread = texts.name(words, at + Offset.owner_thread);
  return {
    pid: u32(words, at + Offset.owner_pid),
    uid: u32(words, at + Offset.owner_uid),
    comm,
    thread: thread === comm ? undefined : thread,
    cgroup_id: orUndefined(u64(words, at + Offset.owner_cgroup)),
  };
}

/** Adds the fields that only updates have. */
function decodeUpdate(words: Words, at: number, base: ConnectionEvent): UpdateEvent {
  const state = nameOfState(u8(words, at + Offset.state));
  if (state === undefined) throw mixedBuild('a record with an unknown state');
  const decoded = {...base, state: spellState(state), ...decodeLiveNumbers(words, at)};
  return decoded as UpdateEvent;
}

function decodeKind(words: Words, at: number): ConnectionEvent['event'] {
  const type = u8(words, at + Offset.type);
  const kind = KINDS[type];
  if (kind === undefined) throw mixedBuild(`a record of the unknown type ${String(type)}`);
  return kind;
}

/** Fields that all events of a decoder share. */
interface Origin {
  readonly source: Source;
  readonly host: string | undefined;
}

/** Sets all fields in the same order, so that V8 sees objects of one shape. */
// eslint-disable-next-line max-lines-per-function -- one literal with a line per field: parts would give V8 several shapes
function decodeRecord(words: Words, at: number, time: string, origin: Origin, texts: Texts): ConnectionEvent {
  const event = decodeKind(words, at);
  const [isConnect, isAccept] = [event === 'connect', event === 'accept'];
  const [isClose, isFail] = [event === 'close', event === 'fail'];
  const pid = u32(words, at + Offset.pid);
  const hasProcess = pid !== 0;
  const comm = hasProcess ? texts.name(words, at + Offset.comm) : undefined;
  const thread = hasProcess ? texts.name(words, at + Offset.thread) : undefined;
  const ownerPid = isClose ? u32(words, at + Offset.owner_pid) : 0;
  const hasOwner = ownerPid !== 0 && ownerPid !== pid;
  const isUpdate = event === 'update';
  const hasTotals = (isClose || isUpdate) && isKnown(words, at, Known.TOTALS);
  const family = u8(words, at + Offset.family) === 6 ? 6 : 4;
  const ifindex = u32(words, at + Offset.ifindex);
  const format = family === 6 ? texts.address.ipv6 : texts.address.ipv4;
  const decoded = {
    time,
    event,
    source: origin.source,
    host: origin.host,
    pid: hasProcess ? pid : undefined,
    comm,
    uid: hasProcess ? u32(words, at + Offset.uid) : undefined,
    thread: thread === comm ? undefined : thread,
    owner_pid: hasOwner ? ownerPid : undefined,
    owner_comm: hasOwner ? texts.name(words, at + Offset.owner_comm) : undefined,
    owner_uid: hasOwner ? u32(words, at + Offset.owner_uid) : undefined,
    family,
    laddr: isZeroAddress(words, at + Offset.laddr) ? undefined : format(words, at + Offset.laddr),
    lport: orUndefined(u16(words, at + Offset.lport)),
    raddr: format(words, at + Offset.raddr),
    rport: u16(words, at + Offset.rport),
    zone: ifindex === 0 ? undefined : texts.zone(ifindex, u32(words, at + Offset.netns), pid),
    ifindex: orUndefined(ifindex),
    netns: orUndefined(u32(words, at + Offset.netns)),
    inode: orUndefined(u64(words, at + Offset.inode)),
    flow: isFail ? undefined : decodeFlow(words, at),
    cgroup_id: orUndefined(u64(words, at + Offset.cgroup)),
    direction: isFail ? undefined : decodeDirection(words, at),
    latency_us: isConnect || isFail ? elapsed(words, at) : undefined,
    accept_delay_us: isAccept ? elapsed(words, at) : undefined,
    syn_retrans: isConnect || isAccept || isFail ? synRetrans(words, at) : undefined,
    error: isFail ? errnoName(u16(words, at + Offset.error)) : undefined,
    duration_us: isClose ? elapsed(words, at) : undefined,
    tx_bytes: hasTotals ? u64(words, at + Offset.tx_bytes) : undefined,
    rx_bytes: hasTotals ? u64(words, at + Offset.rx_bytes) : undefined,
    rtt_us: isClose || isUpdate ? orUndefined(u32(words, at + Offset.rtt_us)) : undefined,
    retrans: hasTotals ? u32(words, at + Offset.retrans) : undefined,
    ended_by: isClose ? ENDINGS[u8(words, at + Offset.ended_by)] : undefined,
    opener: ownerPid === 0 || isSameParty(words, at) ? undefined : decodeOpener(words, at, texts),
  };
  // fields that the kind does not have are undefined
  const known = decoded as ConnectionEvent;
  return isUpdate ? decodeUpdate(words, at, known) : known;
}

/** Decodes a batch. */
export type Decode = (batch: Batch) => ConnectionEvent[];

export interface DecoderOptions {
  /** Reads the records of new cgroups; without it, such a record is an error. */
  readonly readCgroup?: ReadCgroup;
  /** Value of the events' `host` field. */
  readonly host?: string | undefined;
  /** Names the interfaces of link-local addresses. */
  readonly nameZone?: NameZone;
  /** Adds the peer. Receives also the events that the filter excludes, which are not returned. */
  readonly addPeer?: ((event: ConnectionEvent) => ConnectionEvent) | undefined;
}

/**
 * Creates a decoder, which caches texts from one batch to the next.
 *
 * @param source value of the events' `source` field
 * @returns a function that throws TcptraceError if a batch does not have this layout
 */
export function createDecoder(
  source: Source,
  {readCgroup, host, nameZone = numberZone, addPeer}: DecoderOptions = {},
): Decode {
  const origin: Origin = {source, host};
  const formatTime = createTimeFormatter();
  const texts: Texts = {address: createAddressFormatter(), name: memoizeBlock(decodeName), zone: nameZone};

  return ({records, utcOffsetSec, utcOffsetNsec}) => {
    const words = viewRecords(records);
    const events: ConnectionEvent[] = [];
    for (let at = 0; at < records.length; at += EVENT_SIZE) {
      checkVersion(words, at);
      if (readCgroup !== undefined && u8(words, at + Offset.type) === EventType.CGROUP) {
        readCgroup(words, at);
        continue;
      }
      const seconds = u32(words, at + Offset.time_sec) + utcOffsetSec;
      const nanoseconds = u32(words, at + Offset.time_nsec) + utcOffsetNsec;
      const event = decodeRecord(words, at, formatTime(seconds, nanoseconds), origin, texts);
      const complete = addPeer === undefined ? event : addPeer(event);
      if (u8(words, at + Offset.for_peers) === 0) events.push(complete);
    }
    return events;
  };
}
