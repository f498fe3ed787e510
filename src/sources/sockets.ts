/** The sockets that processes hold now: by a BPF iterator, or by /proc. */
import {decodeSockets} from '../kernel/decode-sockets.js';
import {completeSocketFilter} from '../filter/validate.js';
import {createSocketMatcher, type SocketFilter} from '../filter/filter.js';
import {refuseUnknown} from '../model/check-options.js';
import type {OpenSocket} from '../model/socket.js';
import {describeHidden} from '../procfs/hidden.js';
import {listSocketsOfProc} from '../procfs/tcp/sockets.js';
import {openAddon} from '../kernel/addon.js';
import {isInPidNamespace, OTHER_NUMBERS} from './pid-namespace.js';
import {readSurroundings} from './privileges.js';
import {explainRefusal, isLoadError, unsupported} from './refusal.js';

const WAYS = ['auto', 'ebpf', 'proc'] as const;

export interface ListOptions {
  /** Whether to ask the kernel, or to read /proc; by default the first that works. */
  readonly way?: (typeof WAYS)[number] | undefined;
  readonly filter?: Partial<SocketFilter>;
  /** What else must hold; by default all are wanted, those that listen, too. */
  readonly wants?: (socket: OpenSocket) => boolean;
  /** File with the running kernel's types, where they are not in the usual place. */
  readonly btfPath?: string | undefined;
}

export interface Listing {
  readonly sockets: readonly OpenSocket[];
  /** Why /proc was read instead of asking the kernel, where that was not asked for. */
  readonly why: string | undefined;
  /** What could not be seen. */
  readonly notes: readonly string[];
}

/** Equal for nothing but one socket of one process. */
function compare(a: OpenSocket, b: OpenSocket): number {
  return a.pid - b.pid || a.lport - b.lport || (a.rport ?? 0) - (b.rport ?? 0) || a.inode - b.inode;
}

function listOfProc(why?: string): Listing {
  return {sockets: listSocketsOfProc(), why, notes: describeHidden()};
}

function listAll({way, btfPath}: ListOptions): Listing {
  if (way === 'proc') return listOfProc();
  // the iterator, too, sees only the processes of its opener's (init_seq_pidns() in kernel/bpf/task_iter.c)
  if (way !== 'ebpf' && isInPidNamespace()) return listOfProc(OTHER_NUMBERS);
  const addon = openAddon();
  try {
    return {sockets: decodeSockets(addon.sockets(btfPath)), why: undefined, notes: []};
  } catch (error) {
    if (!isLoadError(error)) throw error;
    const refusal = explainRefusal('iterator', error, readSurroundings());
    if (way === 'ebpf') throw unsupported('list', [refusal]);
    return listOfProc(refusal.reason);
  }
}

/**
 * Sorted by process and ports.
 *
 * @throws TcptraceError where a value is wrong, or nothing that was asked for can be had
 */
export function list(options: ListOptions = {}): Listing {
  refuseUnknown('way', [options.way ?? 'auto'], WAYS);
  const matches = createSocketMatcher(completeSocketFilter(options.filter));
  const {wants = () => true} = options;
  const {sockets, ...rest} = listAll(options);
  const wanted = sockets.filter((socket) => wants(socket) && matches(socket));
  return {sockets: wanted.sort(compare), ...rest};
}
