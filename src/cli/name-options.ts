/** Flags that say which names are looked up, and columns that show them, -> options. */
import type {Wanted} from '../enrich/enrich.js';
import {type ColumnName, COLUMNS_OF_NAMES} from '../sinks/columns.js';

export interface NameFlags {
  readonly resolve: boolean;
  readonly users: boolean;
  readonly containers: boolean;
  readonly args: boolean;
}

const KINDS = ['users', 'hosts', 'containers', 'args'] as const satisfies readonly (keyof Wanted)[];

/** @param columns that were asked for: what they show is looked up, too */
export function readNames(
  {resolve, ...flags}: NameFlags,
  columns: readonly ColumnName[] = [],
): {readonly names?: Wanted; readonly nameColumns: readonly ColumnName[]; readonly withNames: boolean} {
  const asked = {...flags, hosts: resolve};
  const isWanted = (kind: keyof Wanted): boolean =>
    asked[kind] || COLUMNS_OF_NAMES[kind].some((name) => columns.includes(name));
  const names: Wanted = {
    users: isWanted('users'),
    hosts: isWanted('hosts'),
    containers: isWanted('containers'),
    args: isWanted('args'),
  };
  const wanted = KINDS.filter((kind) => names[kind]);
  if (wanted.length === 0) return {nameColumns: [], withNames: false};
  return {names, nameColumns: wanted.flatMap((kind) => COLUMNS_OF_NAMES[kind]), withNames: true};
}
