/** Which flags filter, and by what; the same for every command. */
import {
  hasAddress,
  hasCgroup,
  hasContainer,
  hasName,
  hasNumber,
  hasPort,
  type PortRange,
} from '../model/conditions.js';
import type {Containers} from '../enrich/containers.js';
import type {Candidate, Condition} from '../model/filter.js';
import {parsePid, parsePortRange, parseUid} from './values.js';
import {parseCgroup, parseContainer, parseNetns, parseUser} from './names.js';

type Fields<T> = (candidate: Candidate) => readonly (T | undefined)[];

interface FilterFlag {
  readonly help: string;
  /** Says whose a connection is, or where, rather than what its ends are. */
  readonly isOwner?: true;
  readonly value: string;
  /**
   * Condition of all its values; throws TcptraceError (usage) where one is wrong.
   *
   * @param containers says in which one a candidate is
   */
  readonly read: (texts: readonly string[], containers: Containers) => Condition;
}

const addresses = (get: Fields<string>) => (texts: readonly string[]) => hasAddress(texts, get);
const ports = (get: Fields<number>) => (texts: readonly string[]) =>
  hasPort(
    texts.map((text): PortRange => parsePortRange(text)),
    get,
  );
const numbers = (get: Fields<number>, parse: (text: string) => number) => (texts: readonly string[]) =>
  hasNumber(texts.map(parse), get);

/** Each has a negated form, `--not-NAME`. */
export const FILTER_FLAGS = {
  pid: {
    help: 'process in whose name it happens, or that holds or made the connection',
    isOwner: true,
    value: 'PID',
    read: numbers(({pid, owner_pid}) => [pid, owner_pid], parsePid),
  },
  comm: {
    isOwner: true,
    help: 'name of the thread; * is any text, ? any character',
    value: 'GLOB',
    read: (texts) => hasName(texts, ({comm, owner_comm}) => [comm, owner_comm]),
  },
  uid: {help: 'user id', isOwner: true, value: 'UID', read: numbers(({uid}) => [uid], parseUid)},
  user: {
    help: 'user, by name or id',
    isOwner: true,
    value: 'USER',
    read: numbers(({uid}) => [uid], parseUser),
  },
  port: {
    help: 'port at either end, or range such as 8000-8100',
    value: 'PORT',
    read: ports(({lport, rport}) => [lport, rport]),
  },
  lport: {help: 'local port, or range', value: 'PORT', read: ports(({lport}) => [lport])},
  rport: {help: 'remote port, or range', value: 'PORT', read: ports(({rport}) => [rport])},
  addr: {
    help: 'address at either end, or network such as 10.0.0.0/8',
    value: 'ADDR',
    read: addresses(({laddr, raddr}) => [laddr, raddr]),
  },
  laddr: {help: 'local address, or network', value: 'ADDR', read: addresses(({laddr}) => [laddr])},
  raddr: {help: 'remote address, or network', value: 'ADDR', read: addresses(({raddr}) => [raddr])},
  netns: {
    isOwner: true,
    help: 'network namespace: name of ip-netns, path, inode, or pid of a process in it',
    value: 'NETNS',
    read: numbers(({netns}) => [netns], parseNetns),
  },
  cgroup: {
    isOwner: true,
    help: 'cgroup of the process, or one below: path such as /system.slice/nginx.service',
    value: 'PATH',
    read: (texts, {cgroupOf}) => hasCgroup(texts.map(parseCgroup), cgroupOf),
  },
  container: {
    isOwner: true,
    help: 'container of the process: name, in which * is any text, or how its id begins',
    value: 'NAME|ID',
    read: (texts, {describe}) => hasContainer(texts.map(parseContainer), describe),
  },
} as const satisfies Record<string, FilterFlag>;

export type FilterName = keyof typeof FILTER_FLAGS;
