/** Which processes /proc shows, but not their descriptors. */
import {canOpen, readText} from './files.js';
import {listPids, processExists, readNetns} from './processes.js';
import {fieldsOfStat} from './stat.js';

/** include/linux/sched.h */
const PF_KTHREAD = 0x00200000;

/** Kernel threads have no descriptors, and processes that ended have none left. With hidepid=1 nobody can tell. */
function hasDescriptors(root: string, pid: number): boolean {
  const stat = readText(`${root}/${String(pid)}/stat`);
  if (stat === undefined) return processExists(pid, root);
  // state is field 3, flags 9
  const fields = fieldsOfStat(stat);
  return fields[0] !== 'Z' && fields[0] !== 'X' && (Number(fields[6]) & PF_KTHREAD) === 0;
}

function canLookInto(root: string, pid: number): boolean {
  return readNetns(root, pid) !== undefined && canOpen(`${root}/${String(pid)}/fd`);
}

/** What of a host a walk through /proc does not get to see. */
export interface Hidden {
  /** Processes whose descriptors may not be read. */
  readonly processes: number;
  /** Whether there are processes that cannot even be counted (mount option hidepid). */
  readonly more: boolean;
}

export function findHidden(root = '/proc'): Hidden {
  const isHidden = (pid: number): boolean => !canLookInto(root, pid) && hasDescriptors(root, pid);
  return {
    processes: listPids(root).filter(isHidden).length,
    // the first process of a pid namespace is there as long as the namespace is
    more: !processExists(1, root),
  };
}

/** The same in words. */
export function describeHidden(): string[] {
  const {processes, more} = findHidden();
  return [
    ...(processes > 0
      ? [`${String(processes)} ${processes === 1 ? 'process' : 'processes'} that this user may not look into`]
      : []),
    ...(more ? ['the processes that /proc hides from this user (hidepid)'] : []),
  ];
}
