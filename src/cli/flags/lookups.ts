/** Flags that select which names are looked up, and the columns that show them. */
import type {NameLookups} from '../../enrich/namer.js';
import type {ColumnName} from '../../format/table/columns.js';
import {
  COLUMNS_OF_NAMES,
  NAME_KINDS,
  type NameColumnName,
  type NameKind,
} from '../../format/table/name-columns.js';
import {usageError} from '../../model/errors.js';
import type {SourceChoice} from '../../sources/choose.js';
import {switchFlag, type Values} from './parse/define.js';

/** @param wait for the help: how long the output waits for host names */
export function lookupFlags(wait: string) {
  return {
    resolve: switchFlag({
      char: 'r',
      group: 'names',
      help: `names of remote hosts, by DNS, and of services; ${wait}`,
    }),
    numeric: switchFlag({char: 'n', group: 'names', help: 'addresses and ports as numbers, the default'}),
    users: switchFlag({group: 'names', help: 'names of users'}),
    containers: switchFlag({
      group: 'names',
      help: 'cgroup, id, name and pod of the container, from the files of its runtime',
    }),
    'container-names': switchFlag({
      group: 'names',
      help: 'like --containers, and also ask the daemons of Docker and Podman for names',
    }),
    args: switchFlag({group: 'names', help: 'command line of the process, if it still runs'}),
  };
}

export const peersFlag = switchFlag({
  group: 'names',
  help: 'process at the other endpoint, if that is on this host',
});

/** @throws TcptraceError (usage) if the source cannot find peers */
export function readPeers(peers: boolean, source: SourceChoice | undefined): {readonly peers?: true} {
  if (!peers) return {};
  if (source === 'proc') throw usageError('--peers: not available from /proc', 'leave it out with --proc');
  return {peers};
}

export type LookupFlags = Values<ReturnType<typeof lookupFlags>>;

export interface LookupOptions {
  /** Undefined if nothing is looked up. */
  readonly names?: NameLookups;
  readonly kinds: readonly NameKind[];
}

/** @param columns columns of the table; the names in them are looked up too */
export function readLookups(flags: LookupFlags, columns: readonly string[] = []): LookupOptions {
  if (flags.numeric && flags.resolve)
    throw usageError('--numeric and --resolve cannot be combined', 'give one of them');
  const containerNames = flags['container-names'];
  const requested: Readonly<Record<NameKind, boolean>> = {
    users: flags.users,
    hosts: flags.resolve,
    containers: flags.containers || containerNames,
    args: flags.args,
  };
  const isShown = (kind: NameKind): boolean => COLUMNS_OF_NAMES[kind].some((name) => columns.includes(name));
  const kinds = NAME_KINDS.filter((kind) => requested[kind] || isShown(kind));
  if (kinds.length === 0) return {kinds};
  const has = (kind: NameKind): boolean => kinds.includes(kind);
  const [users, hosts, containers, args] = [has('users'), has('hosts'), has('containers'), has('args')];
  return {names: {users, hosts, containers, containerNames, args}, kinds};
}

export interface EventLookupOptions {
  readonly names?: NameLookups;
  readonly nameColumns: readonly NameColumnName[];
  readonly withNames: boolean;
}

/** Reads the lookups of a command that prints events, with one column for each name. */
export function readEventLookups(flags: LookupFlags, columns?: readonly ColumnName[]): EventLookupOptions {
  const {kinds, ...names} = readLookups(flags, columns);
  return {
    ...names,
    nameColumns: kinds.flatMap((kind) => COLUMNS_OF_NAMES[kind]),
    withNames: kinds.length > 0,
  };
}
