/** Lists the TCP sockets of this machine, by BPF iterators or by /proc. */
import {constants} from 'node:os';
import {decodeSockets} from '../kernel/decode-sockets.js';
import {completeSocketFilter} from '../filter/validate.js';
import {createSocketMatcher, isAboutZones, type SocketFilter} from '../filter/filter.js';
import {refuseUnknown, requireObject, requireValid} from '../model/check-options.js';
import {isHostName} from '../model/host-name.js';
import {MAX_PID} from '../model/limits.js';
import type {OpenSocket} from '../model/socket.js';
import {describeHidden} from '../procfs/hidden.js';
import {findNetworkNamespaces} from '../procfs/namespaces.js';
import {listSocketsOfProc} from '../procfs/tcp/sockets.js';
import {openAddon} from '../kernel/addon.js';
import {addListedPeers} from './peers/listed.js';
import {DIFFERENT_PIDS, isInPidNamespace} from './pid-namespace.js';
import {readSurroundings} from './privileges.js';
import {refusePeers, refuseZones} from './proc-limits.js';
import {explainRefusal, isLoadError, unsupported} from './refusal.js';
import {createZoneNames} from './zones.js';

const SOURCES = ['auto', 'ebpf', 'proc'] as const;

export interface ListOptions {
  /** `auto`, the default, reads /proc if the kernel refuses eBPF. */
  readonly source?: (typeof SOURCES)[number] | undefined;
  readonly filter?: Partial<SocketFilter>;
  /** A further filter; by default every socket passes, listeners too. */
  readonly wants?: (socket: OpenSocket) => boolean;
  /** False leaves out byte counts, queues, timers and the like, which take time. @default true */
  readonly numbers?: boolean | undefined;
  /** Adds the process at the remote endpoint, if it is on this host. Needs eBPF and `numbers`. @default false */
  readonly peers?: boolean | undefined;
  /** BTF file of the running kernel; by default /sys/kernel/btf/vmlinux. */
  readonly btfPath?: string | undefined;
  /** Value of the sockets' `host` field; without it, they have none. */
  readonly hostName?: string | undefined;
}

const OPTIONS = [
  'source',
  'filter',
  'wants',
  'numbers',
  'peers',
  'btfPath',
  'hostName',
] as const satisfies readonly (keyof ListOptions)[];

export interface Listing {
  readonly sockets: readonly OpenSocket[];
  /** Why eBPF was not available and /proc was read instead; undefined otherwise. */
  readonly why: string | undefined;
  /** Kinds of sockets that may be missing. */
  readonly notes: readonly string[];
}

/** Orders sockets by process, ports and inode; those without a process come last. */
function compare(a: OpenSocket, b: OpenSocket): number {
  return (
    (a.pid ?? MAX_PID) - (b.pid ?? MAX_PID) ||
    a.lport - b.lport ||
    (a.rport ?? 0) - (b.rport ?? 0) ||
    (a.inode ?? 0) - (b.inode ?? 0)
  );
}

/** Removes the index of the interface, which only filters use. */
function withoutIndex(socket: OpenSocket): OpenSocket {
  return socket.ifindex === undefined ? socket : {...socket, ifindex: undefined};
}

/** Describes network namespaces whose socket tables could not be read, in a phrase that follows "without". */
function describeUnread(count: number, why: string): string[] {
  const noun = count === 1 ? 'a network namespace' : `${String(count)} network namespaces`;
  return count === 0 ? [] : [`sockets that no process holds in ${noun} ${why}`];
}

function listByProc(numbers: boolean, why?: string): Listing {
  const namespaces = findNetworkNamespaces();
  const unreadable = namespaces.filter(({directory}) => directory === undefined);
  return {
    sockets: listSocketsOfProc('/proc', namespaces, numbers),
    why,
    notes: [...describeHidden(), ...describeUnread(unreadable.length, 'that no process is in')],
  };
}

/** Lists by BPF iterators. @throws LoadError */
function listByIterators(btfPath: string | undefined, numbers: boolean): Listing {
  const namespaces = findNetworkNamespaces();
  const paths = namespaces.map(({path}) => path);
  const {records, errors} = openAddon().sockets(btfPath, paths, numbers);
  const sockets = decodeSockets(records, createZoneNames());
  // ENOENT: the namespace has disappeared meanwhile
  const refused = errors.filter((errno) => errno !== 0 && errno !== constants.errno.ENOENT);
  const found = new Set(namespaces.map(({inode}) => inode));
  const unfound = new Set(sockets.map(({netns}) => netns).filter((netns) => !found.has(netns)));
  const reason = refused.includes(constants.errno.EPERM) ? ': CAP_SYS_ADMIN missing' : '';
  return {
    sockets,
    why: undefined,
    notes: [
      ...describeUnread(refused.length, `that cannot be entered${reason}`),
      ...describeUnread(unfound.size, 'that no process is in'),
    ],
  };
}

/** @param why eBPF is not used; undefined if /proc was asked for @throws TcptraceError if the options need eBPF */
function readProc({numbers = true, peers = false}: ListOptions, filter: SocketFilter, why?: string): Listing {
  if (isAboutZones(filter)) throw refuseZones(why);
  if (peers) throw refusePeers(why);
  return listByProc(numbers, why);
}

function listAll(options: ListOptions, filter: SocketFilter): Listing {
  const {source, btfPath, numbers = true} = options;
  if (source === 'proc') return readProc(options, filter);
  // the iterator sees the processes of its opener's pid namespace only (init_seq_pidns() of kernel/bpf/task_iter.c)
  if (source !== 'ebpf' && isInPidNamespace()) return readProc(options, filter, DIFFERENT_PIDS);
  try {
    return listByIterators(btfPath, numbers);
  } catch (error) {
    if (!isLoadError(error)) throw error;
    const refusal = explainRefusal('iterator', error, readSurroundings());
    const isUnavailable = refusal.lacks === 'support' || refusal.lacks === 'privileges';
    if (source === 'ebpf' || !isUnavailable) throw unsupported('list', [refusal]);
    return readProc(options, filter, refusal.reason);
  }
}

/** Adds the name of the host at its place in JSON. */
function addHost({source, ...socket}: OpenSocket, host: string): OpenSocket {
  return {source, host, ...socket};
}

/**
 * Lists sockets, sorted by process and ports.
 *
 * @throws TcptraceError if a value is invalid or the source is not supported here
 */
export function list(options: ListOptions = {}): Listing {
  requireObject('options', options, OPTIONS);
  requireValid('btfPath', options.btfPath ?? '', (path) => typeof path === 'string');
  for (const name of ['numbers', 'peers'] as const)
    requireValid(name, options[name] ?? false, (value) => typeof value === 'boolean');
  requireValid('hostName', options.hostName, (name) => name === undefined || isHostName(name));
  refuseUnknown('source', [options.source ?? 'auto'], SOURCES);
  const filter = completeSocketFilter(options.filter);
  const matches = createSocketMatcher(filter);
  const {wants = () => true, peers = false, hostName: host} = options;
  const {sockets, ...rest} = listAll(options, filter);
  const selected = (peers ? addListedPeers(sockets) : sockets).filter(
    (socket) => wants(socket) && matches(socket),
  );
  const complete = selected.sort(compare).map(withoutIndex);
  return {sockets: host === undefined ? complete : complete.map((socket) => addHost(socket, host)), ...rest};
}
