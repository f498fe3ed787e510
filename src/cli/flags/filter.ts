/** Flags that select connections, the same in every command. Each flag with a value has a negated form, `--not-NAME`. */
import {createContainers, RECORDED} from '../../enrich/containers.js';
import type {CgroupTest} from '../../filter/cgroup-tests.js';
import {type EndpointPredicate, type EndpointTest, parseNetwork} from '../../filter/endpoints.js';
import type {SocketFilter} from '../../filter/filter.js';
import type {Predicate} from '../../filter/match-subject.js';
import type {Owners} from '../../filter/owners.js';
import {hasCgroup, hasContainer, hasName, hasUid, include, type PartyTest} from '../../filter/predicates.js';
import {completeSocketFilter} from '../../filter/validate.js';
import {type Completion, type Flag, listFlag, switchFlag, type Values} from './parse/define.js';
import {
  findService,
  parseCgroup,
  parseContainer,
  parseNetns,
  parseNetworks,
  parsePod,
  parseUser,
} from './parse/system-values.js';
import {parsePid, parsePortRange, parseProcessName, parseUid} from './parse/values.js';

interface FilterText<Value> {
  readonly help: string;
  readonly value: string;
  readonly char?: string | undefined;
  readonly parse: (text: string) => Value | readonly Value[];
  readonly completion?: Completion;
  readonly isNumeric?: boolean;
  readonly separator?: RegExp;
}

type Pair<Name extends string, Value> = Record<Name | `not-${Name}`, Flag<readonly Value[]>>;

/** A flag and its negated form, which has no short form and no help of its own. */
function pair<Name extends string, Value>(name: Name, spec: FilterText<Value>): Pair<Name, Value> {
  const negated = {...spec, char: undefined, hidden: true, isNegation: true};
  return {
    [name]: listFlag({...spec, group: 'filter'}),
    [`not-${name}`]: listFlag({...negated, group: 'filter'}),
  } as Pair<Name, Value>;
}

/** Separator of names, which may contain spaces. */
const COMMAS = /,/;

const ownerFlags = {
  ...pair('pid', {
    char: 'p',
    value: 'PID',
    help: 'process that opened, accepted, closed or holds the connection',
    parse: parsePid,
    completion: {kind: 'pid'},
    isNumeric: true,
  }),
  ...pair('comm', {
    value: 'GLOB',
    help: 'name of the process or of the thread; * matches any text, ? any character',
    parse: parseProcessName,
    separator: COMMAS,
  }),
  ...pair('uid', {char: 'u', value: 'UID', help: 'user id', parse: parseUid, isNumeric: true}),
  ...pair('user', {
    value: 'USER',
    help: 'user, by name or id',
    parse: parseUser,
    completion: {kind: 'user'},
  }),
  ...pair('netns', {
    char: 'N',
    value: 'NETNS',
    help: 'network namespace: a name of ip-netns(8), a path, an inode, or the pid of a process in it',
    parse: parseNetns,
    completion: {kind: 'netns'},
  }),
};

const cgroupFlags = {
  ...pair('cgroup', {
    value: 'PATH',
    help: 'cgroup of the process, or a parent of it: a path such as /system.slice/nginx.service',
    parse: parseCgroup,
    separator: COMMAS,
  }),
  ...pair('container', {
    value: 'NAME|ID',
    help: 'container of the process: a name, in which * matches any text, or the beginning of an id',
    parse: parseContainer,
    completion: {kind: 'container'},
  }),
  ...pair('pod', {
    value: 'GLOB',
    help: 'pod of Kubernetes or Podman; * matches any text, ? any character',
    parse: parsePod,
  }),
  ...pair('pod-namespace', {
    value: 'GLOB',
    help: 'Kubernetes namespace of the pod; * matches any text, ? any character',
    parse: parsePod,
  }),
};

function portAt(endpoint: EndpointTest['endpoint'], help: string, char?: string): FilterText<EndpointTest> {
  return {
    value: 'PORT',
    help,
    parse: (text) => ({endpoint, ports: parsePortRange(text, findService)}),
    completion: {kind: 'service'},
    isNumeric: true,
    ...(char !== undefined && {char}),
  };
}

function addressAt(endpoint: EndpointTest['endpoint'], help: string): FilterText<EndpointTest> {
  return {
    value: 'ADDR',
    help,
    parse: (text) => parseNetworks(text).map((network) => ({endpoint, network})),
  };
}

const endpointFlags = {
  ...pair(
    'port',
    portAt('either', 'local or remote port, range such as 8000-8100, or service such as https', 'P'),
  ),
  ...pair('lport', portAt('local', 'local port, range or service')),
  ...pair('rport', portAt('remote', 'remote port, range or service')),
  ...pair(
    'addr',
    addressAt(
      'either',
      'local or remote address, network such as 10.0.0.0/8 or fe80::1%eth0, or name of /etc/hosts',
    ),
  ),
  ...pair('laddr', addressAt('local', 'local address, network or name')),
  ...pair('raddr', addressAt('remote', 'remote address, network or name')),
};

const valuedFlags = {...ownerFlags, ...cgroupFlags, ...endpointFlags};

export const filterFlags = {
  ...valuedFlags,
  ipv4: switchFlag({char: '4', group: 'filter', help: 'IPv4, also through IPv6 sockets'}),
  ipv6: switchFlag({char: '6', group: 'filter', help: 'IPv6'}),
  'no-loopback': switchFlag({
    group: 'filter',
    help: 'exclude connections with an endpoint in 127.0.0.0/8 or ::1',
  }),
};

export type FilterFlags = Values<typeof filterFlags>;

/** Returns the predicate of --no-loopback. Created on demand, because the first address that Node.js parses is slow. */
function loopback(): EndpointPredicate {
  const tests = ['127.0.0.0/8', '::1'].map((text) => ({
    endpoint: 'either' as const,
    network: parseNetwork(text),
  }));
  return {kind: 'exclude', tests};
}

const ENDPOINTS = ['port', 'lport', 'rport', 'addr', 'laddr', 'raddr'] as const;

function readEndpoints(flags: FilterFlags): readonly EndpointPredicate[] {
  const predicates = ENDPOINTS.flatMap((name) => [
    {kind: 'include' as const, tests: flags[name]},
    {kind: 'exclude' as const, tests: flags[`not-${name}`]},
  ]);
  return [...predicates.filter(({tests}) => tests.length > 0), ...(flags['no-loopback'] ? [loopback()] : [])];
}

function readOwners(flags: FilterFlags): Owners {
  return {
    pids: flags.pid,
    excludePids: flags['not-pid'],
    // with both --uid and --user, both must match: see readOwnerPredicates()
    uids: flags.uid.length > 0 ? flags.uid : flags.user,
    excludeUids: [...flags['not-uid'], ...flags['not-user']],
    netns: flags.netns.map(({inode}) => inode),
    excludeNetns: flags['not-netns'].map(({inode}) => inode),
    comms: flags.comm,
    excludeComms: flags['not-comm'],
  };
}

/** With both --uid and --user, both must match. */
function readOwnerPredicates({uid, user}: FilterFlags): readonly Predicate[] {
  return uid.length > 0 && user.length > 0 ? [include(hasUid(user))] : [];
}

const CGROUP_TESTS = ['cgroup', 'container', 'pod', 'pod-namespace'] as const;

function readCgroupTests(flags: FilterFlags, isLive: boolean): readonly CgroupTest[] {
  const {cgroupOf, describe} = isLive ? createContainers() : RECORDED;
  const compile: Record<(typeof CGROUP_TESTS)[number], (texts: readonly string[]) => PartyTest> = {
    cgroup: (paths) => hasCgroup(paths, cgroupOf),
    container: (texts) => hasContainer(texts, describe),
    pod: (globs) => hasName(globs, (it) => describe(it).pod),
    'pod-namespace': (globs) => hasName(globs, (it) => describe(it).pod_namespace),
  };
  const isKnown: PartyTest = (party) => cgroupOf(party) !== undefined;
  const toTest = (kind: CgroupTest['kind'], name: (typeof CGROUP_TESTS)[number], texts: readonly string[]) =>
    texts.length === 0 ? [] : [{kind, matches: compile[name](texts), isKnown}];
  return CGROUP_TESTS.flatMap((name) => [
    ...toTest('include', name, flags[name]),
    ...toTest('exclude', name, flags[`not-${name}`]),
  ]);
}

/** @param isLive false for a recording: it may come from another machine, so nothing is looked up on this one */
export function readSocketFilter(flags: FilterFlags, isLive = true): SocketFilter {
  return completeSocketFilter({
    ...readOwners(flags),
    families: [...(flags.ipv4 ? [4 as const] : []), ...(flags.ipv6 ? [6 as const] : [])],
    endpoints: readEndpoints(flags),
    ownerPredicates: readOwnerPredicates(flags),
    cgroupTests: readCgroupTests(flags, isLive),
  });
}
