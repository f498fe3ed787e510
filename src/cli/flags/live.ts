/** Checks a filter against the processes and cgroups of this machine. */
import type {SocketFilter} from '../../filter/filter.js';
import {usageError} from '../../model/errors.js';
import {quote} from '../../model/basics/quote.js';
import {findThreadGroup, processExists} from '../../procfs/processes.js';
import {type FilterFlags, readSocketFilter} from './filter.js';
import {cgroupExists} from './parse/system-values.js';

/** A filter, and notices about surprising effects of it, one line each. */
export interface LiveFilter {
  readonly filter: SocketFilter;
  readonly remarks: readonly string[];
}

interface Pids {
  readonly pids: readonly number[];
  readonly remarks: readonly string[];
}

/** Replaces thread ids by the ids of their processes. */
function toProcesses(flag: string, ids: readonly number[]): Pids {
  const remarks: string[] = [];
  const pids = ids.map((id) => {
    const pid = findThreadGroup(id) ?? id;
    if (pid !== id)
      remarks.push(`--${flag}: ${String(id)} is a thread of process ${String(pid)}; using the process`);
    return pid;
  });
  return {pids: [...new Set(pids)], remarks};
}

export interface MissingCgroup {
  readonly flag: 'cgroup' | 'not-cgroup';
  readonly path: string;
}

export function findMissingCgroups(flags: FilterFlags): readonly MissingCgroup[] {
  return (['cgroup', 'not-cgroup'] as const).flatMap((flag) =>
    flags[flag].filter((path) => !cgroupExists(path)).map((path) => ({flag, path})),
  );
}

/** @throws TcptraceError (usage) if a process does not exist */
export function readLiveFilter(flags: FilterFlags): LiveFilter {
  const included = toProcesses('pid', flags.pid);
  const excluded = toProcesses('not-pid', flags['not-pid']);
  const missing = included.pids.find((pid) => !processExists(pid));
  if (missing !== undefined) throw usageError(`--pid: no such process: ${String(missing)}`);
  return {
    filter: {...readSocketFilter(flags), pids: included.pids, excludePids: excluded.pids},
    remarks: [
      ...included.remarks,
      ...excluded.remarks,
      ...findMissingCgroups(flags).map(({path}) => `no such cgroup yet: ${quote(path)}`),
    ],
  };
}
