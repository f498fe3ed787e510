/** Flags that say which names are looked up, and columns that show them, -> options. */
import type {NameLookups} from '../../enrich/namer.js';
import type {ColumnName} from '../../format/columns.js';
import {COLUMNS_OF_NAMES, NAME_KINDS, type NameColumnName, type NameKind} from '../../format/name-columns.js';

export interface LookupFlags {
  readonly resolve: boolean;
  readonly users: boolean;
  readonly containers: boolean;
  readonly 'container-names': boolean;
  readonly args: boolean;
}

export interface LookupOptions {
  /** What is looked up; undefined is nothing. */
  readonly names?: NameLookups;
  readonly kinds: readonly NameKind[];
}

/** @param columns that were asked for: what they show is looked up, too */
export function readLookups(flags: LookupFlags, columns: readonly ColumnName[] = []): LookupOptions {
  const containerNames = flags['container-names'];
  const asked: Readonly<Record<NameKind, boolean>> = {
    users: flags.users,
    hosts: flags.resolve,
    containers: flags.containers || containerNames,
    args: flags.args,
  };
  const isShown = (kind: NameKind): boolean => COLUMNS_OF_NAMES[kind].some((name) => columns.includes(name));
  const kinds = NAME_KINDS.filter((kind) => asked[kind] || isShown(kind));
  if (kinds.length === 0) return {kinds};
  const has = (kind: NameKind): boolean => kinds.includes(kind);
  const [users, hosts, containers, args] = [has('users'), has('hosts'), has('containers'), has('args')];
  return {names: {users, hosts, containers, containerNames, args}, kinds};
}

/** The same for events, of which each field has a column. */
export function readEventLookups(
  flags: LookupFlags,
  columns?: readonly ColumnName[],
): Pick<LookupOptions, 'names'> & {
  readonly nameColumns: readonly NameColumnName[];
  readonly withNames: boolean;
} {
  const {kinds, ...names} = readLookups(flags, columns);
  return {
    ...names,
    nameColumns: kinds.flatMap((kind) => COLUMNS_OF_NAMES[kind]),
    withNames: kinds.length > 0,
  };
}
