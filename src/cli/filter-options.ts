/** Flags that say which connections are wanted, as text, -> filter. The same for every command. */
import {usageError} from '../model/errors.js';
import type {SocketFilter} from '../model/filter.js';
import {processExists} from '../procfs/processes.js';
import {MAX_FILTER_VALUES} from '../sources/tracer-options.js';
import {readValue} from './read-value.js';
import {parsePid, parsePort} from './values.js';

export interface FilterFlags {
  readonly pid: readonly string[] | undefined;
  readonly port: readonly string[] | undefined;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
}

/** A flag may be repeated, and each time hold several values with commas between them. */
export function readList<T>(
  flag: string,
  texts: readonly string[] = [],
  parse: (text: string) => T,
): readonly T[] {
  const values = texts.flatMap((text) => text.split(',').map((value) => readValue(flag, value, parse)));
  const unique = [...new Set(values)];
  if (unique.length > MAX_FILTER_VALUES)
    throw usageError(`--${flag}: more than ${String(MAX_FILTER_VALUES)} values`);
  return unique;
}

/** @throws TcptraceError (usage) where a value is wrong */
export function readSocketFilter(flags: FilterFlags): SocketFilter {
  return {
    pids: readList('pid', flags.pid, parsePid),
    ports: readList('port', flags.port, parsePort),
    families: [...(flags.ipv4 ? [4 as const] : []), ...(flags.ipv6 ? [6 as const] : [])],
  };
}

/** @throws TcptraceError (usage) where no process has a pid that is asked for */
export function refuseNobody({pids}: SocketFilter): void {
  const nobody = pids.find((pid) => !processExists(pid));
  if (nobody !== undefined) throw usageError(`no such process: ${String(nobody)}`);
}
