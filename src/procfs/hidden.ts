/** Counts processes whose descriptors cannot be read. */
import {canOpen, readText} from './files.js';
import {listPids, processExists, readNetns} from './processes.js';
import {fieldsOfStat} from './stat.js';

/** include/linux/sched.h */
const PF_KTHREAD = 0x00200000;

/** False for kernel threads, zombies and exited processes. With hidepid=1 stat is unreadable: then true if it exists. */
function hasDescriptors(root: string, pid: number): boolean {
  const stat = readText(`${root}/${String(pid)}/stat`);
  if (stat === undefined) return processExists(pid, root);
  // state is field 3, flags 9
  const fields = fieldsOfStat(stat);
  return fields[0] !== 'Z' && fields[0] !== 'X' && (Number(fields[6]) & PF_KTHREAD) === 0;
}

/** True if the scanner can read the process. */
function isReadable(root: string, pid: number): boolean {
  return readNetns(root, pid) !== undefined && canOpen(`${root}/${String(pid)}/fd`);
}

/** Processes that a scan of /proc cannot see. */
export interface Hidden {
  /** Number of processes with unreadable descriptors. */
  readonly processes: number;
  /** True if /proc hides further processes (mount option hidepid). */
  readonly more: boolean;
}

export function findHidden(root = '/proc'): Hidden {
  const isHidden = (pid: number): boolean => !isReadable(root, pid) && hasDescriptors(root, pid);
  return {
    processes: listPids(root).filter(isHidden).length,
    // pid 1 exists as long as its pid namespace
    more: !processExists(1, root),
  };
}

/** Describes hidden processes, in phrases that follow "without" in a notice. */
export function describeHidden(): string[] {
  const {processes, more} = findHidden();
  return [
    ...(processes > 0
      ? [
          `${String(processes)} ${processes === 1 ? 'process' : 'processes'} whose descriptors this user may not read`,
        ]
      : []),
    ...(more ? ['the processes that /proc hides from this user (hidepid)'] : []),
  ];
}
