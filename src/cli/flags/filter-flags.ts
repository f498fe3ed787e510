/** Which flags filter, and by what; the same for every command. */
import {hasCgroup, hasContainer} from '../../filter/predicates.js';
import {type EndpointTest, parseNetwork} from '../../filter/endpoints.js';
import type {Containers} from '../../enrich/containers.js';
import type {Predicate} from '../../filter/match-subject.js';
import {parseCgroup, parseContainer} from './system-values.js';
import {parsePortRange} from './values.js';

interface FlagText {
  readonly help: string;
  readonly value: string;
}

/** Says what the ends of a connection are. */
interface EndFlag extends FlagText {
  /** Throws TcptraceError (usage) where the value is wrong. */
  readonly test: (text: string) => EndpointTest;
}

/** Says where a process is, which is looked up. */
interface PlaceFlag extends FlagText {
  /**
   * Condition of all its values; throws TcptraceError (usage) where one is wrong.
   *
   * @param containers says in which one a candidate is
   */
  readonly read: (texts: readonly string[], containers: Containers) => Predicate;
}

function portAt(end: EndpointTest['end']): EndFlag['test'] {
  return (text) => ({end, ports: parsePortRange(text)});
}

function addressAt(end: EndpointTest['end']): EndFlag['test'] {
  return (text) => ({end, network: parseNetwork(text)});
}

export const END_FLAGS = {
  port: {help: 'port at either end, or range such as 8000-8100', value: 'PORT', test: portAt('either')},
  lport: {help: 'local port, or range', value: 'PORT', test: portAt('local')},
  rport: {help: 'remote port, or range', value: 'PORT', test: portAt('remote')},
  addr: {
    help: 'address at either end, or network such as 10.0.0.0/8',
    value: 'ADDR',
    test: addressAt('either'),
  },
  laddr: {help: 'local address, or network', value: 'ADDR', test: addressAt('local')},
  raddr: {help: 'remote address, or network', value: 'ADDR', test: addressAt('remote')},
} as const satisfies Record<string, EndFlag>;

/** Say whose a connection is. */
const OWNER_FLAGS = {
  pid: {help: 'process in whose name it happens, or that holds or made the connection', value: 'PID'},
  comm: {help: 'name of the thread; * is any text, ? any character', value: 'GLOB'},
  uid: {help: 'user id', value: 'UID'},
  user: {help: 'user, by name or id', value: 'USER'},
  netns: {
    help: 'network namespace: name of ip-netns, path, inode, or pid of a process in it',
    value: 'NETNS',
  },
} as const satisfies Record<string, FlagText>;

export const PLACE_FLAGS = {
  cgroup: {
    help: 'cgroup of the process, or one below: path such as /system.slice/nginx.service',
    value: 'PATH',
    read: (texts, {cgroupOf}) => hasCgroup(texts.map(parseCgroup), cgroupOf),
  },
  container: {
    help: 'container of the process: name, in which * is any text, or how its id begins',
    value: 'NAME|ID',
    read: (texts, {describe}) => hasContainer(texts.map(parseContainer), describe),
  },
} as const satisfies Record<string, PlaceFlag>;

/** Each has a negated form, `--not-NAME`. */
export const FILTER_FLAGS = {...OWNER_FLAGS, ...PLACE_FLAGS, ...END_FLAGS} as const satisfies Record<
  string,
  FlagText
>;

export type FilterName = keyof typeof FILTER_FLAGS;
